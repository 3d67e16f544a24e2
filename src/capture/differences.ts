import { type Json, jsonText } from '../world/json.js'
import { joinPath } from '../world/load/mistakes.js'

/** Where two JSON values differ: a sentence for each path, without the numbers of lists, so that rows can be counted. */
export function differencesIn(file: Json, served: Json, path = ''): string[] {
  if (Array.isArray(file) && Array.isArray(served) && file.length === served.length)
    return [...new Set(file.flatMap((member, i) => differencesIn(member, served[i] as Json, `${path}[]`)))]
  if (isObject(file) && isObject(served)) {
    return Object.entries(file).flatMap(([name, member]) => {
      const inside = joinPath(path, name)
      if (!Object.hasOwn(served, name)) return `${inside}: the mock does not know it, so it does not come back`
      return differencesIn(member, served[name] as Json, inside)
    })
  }
  return jsonText(file) === jsonText(served) ? [] : [`${path}: comes back otherwise`]
}

function isObject(value: Json): value is { [name: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
