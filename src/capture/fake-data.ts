import { createHmac } from 'node:crypto'
import type { Faker } from '@faker-js/faker'
import { formatInstant } from '../world/instant.js'
import { digitsLike, tokenLike } from './alphabet.js'

/**
 * What takes the place of what tells of people and places: each a function of the salt and of what it replaces. Other
 * originals have other replacements, and none has itself or a word of itself.
 */
export interface FakeData {
  /** @param original what the person is called, which no part of the new name is */
  person(key: string, original: string): Person
  application(key: string): { name: string; slug: string }
  group(name: string): string
  email(address: string): string
  host(host: string): string
  /** One word, such as a part of a path can hold. */
  word(text: string): string
  /** As many words as there were. */
  words(text: string): string
  /** Of the same length and alphabet. */
  token(text: string): string
  /** A digit for each digit; punctuation stays. */
  digits(text: string): string
  uuid(text: string): string
  /** A moment as authentik writes it. */
  moment(text: string): string
  /** Such as `2025-02-03`. */
  day(text: string): string
  /** An integer that a primary key may be. */
  key(text: string): number
}

export interface Person {
  first: string
  last: string
  name: string
  username: string
  email: string
}

const MAX_WORDS = 12
const MAX_TOKEN = 255
/** Short texts have few others of their kind: after so many attempts they grow. */
const ATTEMPTS_PER_LENGTH = 20
/** Who writes in faker's own words has one of them again, in the end. */
const FUSSY_ATTEMPTS = 50
/** Of what there is little of, such as days, two originals may have the same. */
const MAX_ATTEMPTS = 200
const DAY_LENGTH = 10
const FIRST_MOMENT = Date.UTC(2020) * 1e3
const FOUR_YEARS = 4 * 365 * 86_400

/**
 * faker is the slowest import of the program, so it is loaded where it is needed.
 *
 * @param onDraw is called before something is made up, and may throw where there is no time for it
 */
export async function loadFakeData(salt: string, onDraw: () => void = () => {}): Promise<FakeData> {
  const { faker } = await import('@faker-js/faker/locale/en')
  return createFakeData(faker, salt, onDraw)
}

/** What a draw begins with: bytes, a short text that no other draw has, and how much longer the result should be. */
interface Draw {
  bytes: Buffer
  mark: string
  longer: string
}

function createFakeData(faker: Faker, salt: string, onDraw: () => void): FakeData {
  const made = new Map<string, unknown>()
  const owners = new Map<string, string>()

  /** Draws until nothing else has the text, which stands for all that is made; the same key has the same result. */
  function distinct<T>(
    kind: string,
    key: string,
    original: string,
    make: (draw: Draw) => T,
    textOf: (made: T) => string,
  ): T {
    const owner = `${kind}\0${key}`
    const known = made.get(owner)
    if (known !== undefined) return known as T
    onDraw()
    for (let attempt = 0; ; attempt++) {
      const bytes = createHmac('sha256', salt).update(`${owner}\0${attempt}`).digest()
      faker.seed(bytes.readUInt32BE(0))
      const longer = '0'.repeat(attempt / ATTEMPTS_PER_LENGTH)
      const candidate = make({ bytes, mark: bytes.toString('hex', 4, 7), longer })
      const text = textOf(candidate)
      if (text === original || (attempt < MAX_ATTEMPTS && owners.has(text))) continue
      if (attempt < FUSSY_ATTEMPTS && sharesWord(text, original)) continue
      owners.set(text, owner)
      made.set(owner, candidate)
      return candidate
    }
  }

  const text = (kind: string, original: string, make: (draw: Draw) => string) =>
    distinct(kind, original, original, make, (made) => made)

  function person(key: string, original: string): Person {
    const make = ({ mark }: Draw) => {
      const first = faker.person.firstName()
      const last = faker.person.lastName()
      const username = `${plain(first)}.${plain(last)}-${mark}`
      return { first, last, name: `${first} ${last}`, username, email: `${username}@example.com` }
    }
    return distinct('person', key, original, make, ({ name, username }) => `${name} ${username}`)
  }

  function words(original: string, count: number): string {
    return text(`${count} words`, original, ({ mark }) => `${faker.lorem.words(count)}-${mark}`)
  }

  return {
    person,
    application(key) {
      const make = ({ mark }: Draw) => {
        const name = `${faker.commerce.productMaterial()} ${faker.commerce.product()} ${mark}`
        return { name, slug: name.toLowerCase().replaceAll(' ', '-') }
      }
      return distinct('application', key, key, make, ({ name }) => name)
    },
    group: (name) => text('group', name, ({ mark }) => `${faker.commerce.department()} ${mark}`),
    email: (address) => person(`address ${address}`, address).email,
    host(host) {
      const noun = () => plain(faker.word.noun({ length: { min: 4, max: 8 } }))
      return `${text('host', host, ({ mark }) => `${noun()}-${mark}`)}.example.com`
    },
    word: (original) => words(original, 1),
    words: (original) => words(original, Math.min(MAX_WORDS, original.trim().split(/\s+/).length)),
    token: (original) =>
      text('token', original.slice(0, MAX_TOKEN), ({ bytes, longer }) =>
        tokenLike(original.slice(0, MAX_TOKEN) + longer, bytes),
      ),
    digits: (original) => text('digits', original, ({ bytes, longer }) => digitsLike(original + longer, bytes)),
    uuid: (original) =>
      text('uuid', original, ({ bytes }) =>
        bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-a$4-'),
      ),
    moment: (original) => text('moment', original, momentOf),
    day: (original) => text('day', original, (draw) => momentOf(draw).slice(0, DAY_LENGTH)),
    key: (original) => distinct('key', original, original, ({ bytes }) => bytes.readUInt32BE(8) >>> 1 || 1, String),
  }
}

function momentOf({ bytes }: Draw): string {
  return formatInstant(FIRST_MOMENT + (bytes.readUInt32BE(8) % FOUR_YEARS) * 1e6)
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '')
}

function sharesWord(text: string, original: string): boolean {
  const words = new Set(wordsOf(original))
  return words.size > 0 && wordsOf(text).some((word) => words.has(word))
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}{3,}/gu) ?? []
}
