import type { FakeData, Person } from './fake-data.js'

/** What stands in the place of the texts that some field says: the same for the same text, wherever it stands. */
export interface Pseudonyms {
  /** That of a text in a field of its own. `make` is asked at its first mention. */
  of(text: string, make: () => string): string
  /**
   * That of a text which stands elsewhere. Case does not matter there, and a part of somebody's name counts, too.
   *
   * @param owner whose name is meant first, as two people may share a part of one
   */
  find(text: string, owner?: string): string | undefined
  /** Parts of a name become parts of the new one. */
  ofParts(owner: string, name: string, person: Person): void
}

export const EMAIL = /^[^@\s]+@[^@\s]+$/

export function createPseudonyms(fakeData: FakeData): Pseudonyms {
  const exact = new Map<string, string>()
  const inAnyCase = new Map<string, string>()
  const partsOf = new Map<string, Map<string, string>>()

  function add(text: string, pseudonym: string): string {
    exact.set(text, pseudonym)
    putNew(inAnyCase, folded(text), pseudonym)
    return pseudonym
  }

  /** The same text may stand where only an address may, or no space: a user name that is an address, a group like a slug. */
  function inFormOf(text: string, made: string): string {
    if (EMAIL.test(text) && !EMAIL.test(made)) return fakeData.email(text)
    return /\s/.test(text) ? made : made.replace(/\s+/g, '-')
  }

  return {
    of(text, make) {
      const known = exact.get(text)
      if (known !== undefined) return known
      return add(text, inFormOf(text, make()))
    },
    find: (text, owner) =>
      exact.get(text) ?? partsOf.get(owner ?? '')?.get(folded(text)) ?? inAnyCase.get(folded(text)),
    ofParts(owner, name, { first, last }) {
      const words = name.trim().split(/\s+/)
      if (words.length < 2 || partsOf.has(owner)) return
      const own = new Map<string, string>()
      partsOf.set(owner, own)
      const parts: [string[], string][] = [
        [words.slice(0, 1), first],
        [words.slice(-1), last],
        [words.slice(1), last],
        [words.slice(0, -1), first],
      ]
      for (const [part, pseudonym] of parts) {
        putNew(own, folded(part.join(' ')), pseudonym)
        putNew(inAnyCase, folded(part.join(' ')), pseudonym)
      }
    },
  }
}

function putNew(map: Map<string, string>, text: string, pseudonym: string): void {
  if (!map.has(text)) map.set(text, pseudonym)
}

function folded(text: string): string {
  return text.trim().toLowerCase()
}
