import type { Given } from '../kinds/kind.js'
import { joinPath, type Location, type Mistake } from './mistakes.js'

const ALLOWED = 'text without U+0000 and lone surrogates, which a database cannot hold'
/** They stand in the text of an id_token, where JSON escapes what is not ASCII. */
const ESCAPED = new Set(['claims', 'id_token'])

/**
 * Finds texts in a row that no column of PostgreSQL holds, neither as text nor as JSON, and such names of members. None is
 * shown, as it may be secret.
 *
 * @param at of the row
 */
export function unheldTexts(row: Given, at: Location): Mistake[] {
  // Nearly all rows are sound, and to look for that alone takes a third of the time.
  return holds(row) ? [] : mistakesIn(row, at)
}

function holds(value: unknown): boolean {
  if (typeof value === 'string') return holdsText(value)
  if (value === null || typeof value !== 'object') return true
  if (Array.isArray(value)) return value.every(holds)
  for (const name in value) if (!holdsText(name) || !holds(value[name as keyof object])) return false
  return true
}

function holdsText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function mistakesIn(row: Given, at: Location): Mistake[] {
  const mistakes: Mistake[] = []

  function look(value: unknown, path: string): void {
    if (typeof value === 'string') note(value, path, '')
    if (value === null || typeof value !== 'object') return
    for (const [name, member] of Object.entries(value)) {
      const inside = joinPath(path, name)
      note(name, inside, 'a name with ')
      if (value !== row || typeof member === 'string' || !ESCAPED.has(name)) look(member, inside)
    }
  }

  function note(text: string, path: string, what: string): void {
    if (holdsText(text)) return
    const unit = /\0|\p{Surrogate}/u.exec(text)?.[0].charCodeAt(0) ?? 0
    const found = unit === 0 ? 'U+0000' : `the lone surrogate U+${unit.toString(16).toUpperCase()}`
    mistakes.push({ ...at, path, found: what + found, allowed: ALLOWED })
  }

  look(row, at.path)
  return mistakes
}
