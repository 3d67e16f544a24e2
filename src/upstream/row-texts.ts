import { endOfString } from '../world/load/depth.js'

/**
 * The results of a list answer, each as it stands there: parsed, a number or an escape might be written another way.
 *
 * @param list JSON of an object; as for `JSON.parse`, the last of several `results` counts
 */
export function resultTexts(list: string): string[] {
  let texts: string[] = []
  let isInResults = false
  let depth = 0
  let start = 0
  for (let i = 0; i < list.length; i++) {
    const character = list[i]
    if (character === '"') {
      const end = endOfString(list, i)
      // Below the list itself, a text before a bracket is the name of what is in there.
      if (depth === 1) isInResults = isResults(list.slice(i, end + 1))
      i = end
    } else if (character === '{' || character === '[') {
      depth++
      if (depth === 2 && isInResults) texts = []
      if (depth === 3) start = i
    } else if (character === '}' || character === ']') {
      if (depth === 3 && isInResults) texts.push(list.slice(start, i + 1))
      depth--
    }
  }
  return texts
}

/** Each of its letters may be written as `\u0072`. */
function isResults(name: string): boolean {
  return name.length <= 6 * 'results'.length + 2 && JSON.parse(name) === 'results'
}
