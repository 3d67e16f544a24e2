import type { Faker } from '@faker-js/faker'
import { lazyImport } from '../lazy.js'
import { createMersenneTwister } from './mersenne-twister.js'

/** What a person would have typed, each a function of the seed and a primary key. */
export interface People {
  user(pk: number): { username: string; name: string; email: string }
  application(pk: number): { slug: string; name: string }
}

const loadFaker = lazyImport(async () => {
  const { faker } = await import('@faker-js/faker/locale/en')
  const English = faker.constructor as typeof Faker
  return new English({ locale: faker.rawDefinitions, randomizer: createMersenneTwister() })
})

/** faker is the slowest import of the program, so it is loaded by the first world that needs a name. */
export async function loadPeople(seed: number): Promise<People> {
  const faker = await loadFaker()
  return {
    user: (pk) => userOf(faker, seed, pk),
    application: (pk) => applicationOf(faker, seed, pk),
  }
}

const USERS = 1
const APPLICATIONS = 2

/** The key at the end of the username keeps it unique, and lets a username be found without a list of them. */
function userOf(faker: Faker, seed: number, pk: number) {
  faker.seed([seed, USERS, pk])
  const first = faker.person.firstName()
  const last = faker.person.lastName()
  const username = `${slug(first)}.${slug(last)}${pk}`
  return { username, name: `${first} ${last}`, email: `${username}@example.com` }
}

function applicationOf(faker: Faker, seed: number, pk: number) {
  faker.seed([seed, APPLICATIONS, pk])
  const name = `${faker.commerce.department()} ${faker.helpers.arrayElement(['Portal', 'Desk', 'Wiki', 'Hub', 'Planner'])} ${pk}`
  return { slug: slug(name), name }
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
