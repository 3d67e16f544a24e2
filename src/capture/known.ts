import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/schema.js'
import type { Fakes, Person } from './fakes.js'

/** What the rows say of people, groups and applications, and what stands in its place, whoever says it again. */
export interface Known {
  /** The replacement of a text that somebody has; the own one first, as two people may share a name. */
  find(text: string, own?: Known): string | undefined
  /** Those of one user alone. */
  of(userPk: number): Known | undefined
  personOf(user: RefreshTokenBody['user']): Person
}

export function learn(bodies: RefreshTokenBody[], fakes: Fakes): Known {
  const all = new Map<string, string>()
  const people = new Map<number, Map<string, string>>()
  for (const { user, provider } of bodies) {
    if (!people.has(user.pk)) people.set(user.pk, new Map())
    put(people.get(user.pk) as Map<string, string>, namesOf(user, fakes))
    put(all, namesOf(user, fakes))
    put(
      all,
      groupsOf(user).map((name) => [name, fakes.group(name)]),
    )
    put(all, applicationOf(provider, fakes))
  }
  return knownOf(all, people, fakes)
}

function knownOf(all: Map<string, string>, people: Map<number, Map<string, string>>, fakes: Fakes): Known {
  return {
    find: (text, own) => own?.find(text) ?? all.get(text.trim()) ?? all.get(text.trim().toLowerCase()),
    of(pk) {
      const names = people.get(pk)
      return names && knownOf(names, new Map(), fakes)
    },
    personOf: (user) => fakes.person(user.uuid),
  }
}

/** A later row may tell of more, but takes nothing back. */
function put(map: Map<string, string>, pairs: [string | null | undefined, string][]): void {
  for (const [text, replacement] of pairs) {
    const exact = text?.trim() ?? ''
    for (const key of [exact, exact.toLowerCase()]) if (key !== '' && !map.has(key)) map.set(key, replacement)
  }
}

/** Parts of a name become parts of the new one. */
function namesOf(user: RefreshTokenBody['user'], fakes: Fakes): [string, string][] {
  const person = fakes.person(user.uuid)
  const words = user.name.trim().split(/\s+/)
  const parts: [string, string][] =
    words.length < 2
      ? []
      : [
          [words[0] ?? '', person.first],
          [words.at(-1) ?? '', person.last],
          [words.slice(1).join(' '), person.last],
          [words.slice(0, -1).join(' '), person.first],
        ]
  return [[user.email, person.email], [user.username, person.username], [user.name, person.name], ...parts]
}

function groupsOf({ groups_obj, roles_obj }: RefreshTokenBody['user']): string[] {
  const parents = (groups_obj ?? []).flatMap(({ parent_name }) => parent_name ?? [])
  return [...(groups_obj ?? []), ...(roles_obj ?? [])].map(({ name }) => name).concat(parents)
}

function applicationOf(provider: RefreshTokenBody['provider'], fakes: Fakes): [string | null, string][] {
  const { assigned_application_slug: slug, assigned_application_name: name } = provider
  if (slug === null) return []
  const application = fakes.application(slug)
  return [
    [slug, application.slug],
    [name, application.name],
  ]
}
