import { badFilter } from '../../../../authentik/errors.js'
import { inColumn, ofText } from '../../../../authentik/filters.js'
import type { Filter } from '../../../../authentik/resource.js'
import { type Attributes, type Json, jsonbText } from '../../../../world/json.js'

/** `?attributes={"settings__locale": "de"}`: what a member is, or with `__` one inside it. */
export const attributesFilter: Filter = (_, __, values) => {
  const wanted = readJson(values.at(-1) as string)
  if (wanted === undefined) return { refused: badFilter('filter: failed to parse JSON') }
  if (wanted === null || typeof wanted !== 'object' || Array.isArray(wanted))
    return { refused: badFilter('filter: value must be key:value mapping') }
  const members = Object.entries(wanted).map(([name, value]) => [name.split('__'), comparable(value)] as const)
  return inColumn(
    'attributes',
    ofText((text) => {
      const attributes = JSON.parse(text)
      return members.every(([path, value]) => comparable(memberAt(attributes, path)) === value)
    }),
  )
}

function memberAt(value: Json | undefined, [name, ...rest]: string[]): Json | undefined {
  if (name === undefined) return value
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined
  return memberAt((value as { [name: string]: Json })[name], rest)
}

/** The same text for the same value, in whatever order its members came. */
function comparable(value: Json | undefined): string {
  return value === undefined ? '' : jsonbText({ value } as Attributes)
}

function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
