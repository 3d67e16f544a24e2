import { avatarOf, numPkOf, uidOf } from '../world/computed-fields.js'
import type { Json } from '../world/json.js'
import { ownerOf, type Place, type Rule } from './anonymizer.js'
import type { Person } from './fake-data.js'
import { isUuid } from './harmless.js'
import { EMAIL } from './pseudonyms.js'
import { odd, text } from './rule-makers.js'

/** The rules of what people, groups, providers and applications are called, and of what is computed from it. */

const replacedUserName: Rule = text('user names', (name, place) => {
  const person = personOf(place)
  return place.pseudonyms.of(name, () => (EMAIL.test(name) ? person.email : person.username))
})

/** authentik's own name of its first administrator, which is that of the mock, too. */
const FIRST_ADMINISTRATOR = 'akadmin'

export const userName: Rule = (value, place) => {
  if (value !== FIRST_ADMINISTRATOR) return replacedUserName(value, place)
  return place.tally.keep(
    'fixed texts',
    place.pseudonyms.of(value, () => value),
  )
}

export const personName: Rule = (value, place) => {
  if (typeof value === 'string' && value.trim() === '') return ''
  return text('names', (name) => {
    const person = personOf(place)
    place.pseudonyms.ofParts(ownerOf(place), name, person)
    return place.pseudonyms.of(name, () => person.name)
  })(value, place)
}

const anyAddress: Rule = odd('an e-mail address', (address, fakeData) => fakeData.email(address))

export const email: Rule = (value, place) => {
  if (typeof value !== 'string' || (value !== '' && !EMAIL.test(value))) return anyAddress(value, place)
  return text('e-mail addresses', (address) => place.pseudonyms.of(address, () => personOf(place).email))(value, place)
}

export const groupName: Rule = text('group names', (name, { pseudonyms, fakeData }) =>
  pseudonyms.of(name, () => fakeData.group(name)),
)

/** The picture with the initials of the new name. */
export const avatar: Rule = text('avatars', (picture, place) => {
  const { user, pseudonyms } = place
  const [name, username] = [personName(user['name'] as Json, place), userName(user['username'] as Json, place)]
  return pseudonyms.of(picture, () => avatarOf(String(name), String(username)))
})

/** As it would be on another server. */
export const uid: Rule = text('uids', (given, { user, pseudonyms, installId }) =>
  pseudonyms.of(given, () => uidOf(user['pk'] as number, installId)),
)

export const numPk: Rule = (value, place) => {
  const { pk } = place.around
  const computed = isUuid(pk as Json) ? numPkOf(pk as string) : undefined
  if (value === computed) return place.tally.keep('primary keys', value)
  return place.tally.replace('numbers of groups', value, computed ?? 0)
}

/** Always the same one for the same user. */
function personOf(place: Place): Person {
  const { uuid, name, username } = place.user
  const key = isUuid(uuid as Json) ? String(uuid) : `user ${ownerOf(place)}`
  return place.fakeData.person(key, [name, username].filter((one) => typeof one === 'string').join(' '))
}

/** @param slug the field that holds the slug of the same application */
export function applicationName(slug: string): Rule {
  return text('application names', (name, { around, pseudonyms, fakeData }) => {
    const beside = around[slug]
    return pseudonyms.of(name, () => fakeData.application(typeof beside === 'string' ? beside : name).name)
  })
}

export const applicationSlug: Rule = text('application slugs', (slug, { pseudonyms, fakeData }) =>
  pseudonyms.of(slug, () => fakeData.application(slug).slug),
)

const USUAL = 'Provider for '

/** authentik's own form of it stays one. */
export const providerName: Rule = text('provider names', (name, place) => {
  const { around, pseudonyms, fakeData } = place
  const application = around['assigned_application_name']
  const isUsual = typeof application === 'string' && name === USUAL + application
  return pseudonyms.of(name, () =>
    isUsual
      ? USUAL + applicationName('assigned_application_slug')(application, place)
      : fakeData.application(`provider ${name}`).name,
  )
})
