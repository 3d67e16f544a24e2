import { createHash, createHmac } from 'node:crypto'
import type { Faker } from '@faker-js/faker'

/** What is put in the place of what tells of people and places: each a function of the salt and of what it replaces. */
export interface Fakes {
  person(key: string): Person
  application(slug: string): { name: string; slug: string }
  group(name: string): string
  host(host: string): string
  /** As many words as there were. */
  words(text: string): string
  /** A letter for each letter, a digit for each digit, of the same kind; the rest as it is. */
  shape(text: string): string
}

export interface Person {
  first: string
  last: string
  name: string
  username: string
  email: string
}

const MAX_WORDS = 12

/** faker is the slowest import of the program, so it is loaded where it is needed. */
export async function loadFakes(salt: string): Promise<Fakes> {
  const { faker } = await import('@faker-js/faker/locale/en')
  return createFakes(faker, salt)
}

function createFakes(faker: Faker, salt: string): Fakes {
  const digest = (kind: string, key: string) => createHmac('sha256', salt).update(`${kind}\0${key}`).digest()

  /** Makes faker draw for this key, and returns what keeps two keys with the same draw apart. */
  function begin(kind: string, key: string): string {
    const bytes = digest(kind, key)
    faker.seed(bytes.readUInt32BE(0))
    return bytes.toString('hex', 4, 7)
  }

  return {
    person(key) {
      const mark = begin('person', key)
      const first = faker.person.firstName()
      const last = faker.person.lastName()
      const username = `${plain(first)}.${plain(last)}-${mark}`
      return { first, last, name: `${first} ${last}`, username, email: `${username}@example.com` }
    },
    application(slug) {
      const mark = begin('application', slug)
      const name = `${faker.commerce.productMaterial()} ${faker.commerce.product()} ${mark}`
      return { name, slug: name.toLowerCase().replaceAll(' ', '-') }
    },
    group(name) {
      const mark = begin('group', name)
      return `${faker.commerce.department()} ${mark}`
    },
    host(host) {
      const mark = begin('host', host)
      return `${plain(faker.word.noun({ length: { min: 4, max: 8 } }))}-${mark}.example.com`
    },
    words(text) {
      begin('words', text)
      return faker.lorem.words(Math.min(MAX_WORDS, text.trim().split(/\s+/).length))
    },
    shape(text) {
      const letters = createHash('sha512').update(digest('shape', text))
      return shaped(text, letters.digest())
    },
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '')
}

const HEX = /^[0-9a-f-]+$/
const KINDS: [RegExp, string][] = [
  [/[1-9]/, '123456789'],
  [/\p{Ll}/u, 'abcdefghijklmnopqrstuvwxyz'],
  [/\p{Lu}/u, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  [/\p{L}/u, 'abcdefghijklmnopqrstuvwxyz'],
]

function shaped(text: string, bytes: Buffer): string {
  let drawn = bytes
  let at = 0
  const next = () => {
    if (at === drawn.length) {
      drawn = createHash('sha512').update(drawn).digest()
      at = 0
    }
    return drawn[at++] as number
  }
  const isHex = HEX.test(text)
  return [...text]
    .map((point) => {
      const kind = isHex && /[1-9a-f]/.test(point) ? '123456789abcdef' : KINDS.find(([is]) => is.test(point))?.[1]
      return kind === undefined ? point : kind[next() % kind.length]
    })
    .join('')
}
