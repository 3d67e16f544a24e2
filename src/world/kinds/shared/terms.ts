import { jsonText } from '../../json.js'
import type { Given } from '../kind.js'

/** A description without what the API says of every such row, or computes. */
export function withoutFixed(given: Given, fixed: Given, warn: (field: string, why: string) => void): Given {
  const rest = { ...given }
  for (const [field, value] of Object.entries(fixed)) {
    if (rest[field] !== undefined && rest[field] !== value) warn(field, `it is always ${jsonText(value)}`)
    delete rest[field]
  }
  return rest
}
