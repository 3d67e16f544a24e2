import { define } from './exact-json.js'
import { joinPath } from './mistakes.js'

/**
 * A value without what is broken in it, so that the rest can be looked at further. In a list, what is broken leaves a
 * gap: the others keep their places.
 *
 * @param broken paths
 * @param leave is told of everything that is left out
 */
export function soundPart(value: unknown, path: string, broken: Set<string>, leave: (value: unknown) => void): unknown {
  if (broken.size === 0) return value
  if (broken.has(path)) return void leave(value)
  if (value === null || typeof value !== 'object') return value
  const inside = (member: unknown, name: string | number) => soundPart(member, joinPath(path, name), broken, leave)
  if (Array.isArray(value)) return value.map(inside)
  const sound = {}
  for (const [name, member] of Object.entries(value)) {
    const kept = inside(member, name)
    if (kept !== undefined) define(sound, name, kept)
  }
  return sound
}
