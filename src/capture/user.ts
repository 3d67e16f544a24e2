import { userFields } from '../routes/api/v3/components/user.js'
import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/schema.js'
import { avatarOf } from '../world/computed.js'
import type { Json } from '../world/json.js'
import { type Fields, type Replace, type Replacing, replaced } from './replacing.js'

const USUAL_PATHS = new Set(['users', 'goauthentik.io', 'service-accounts', 'outposts', 'sources'])

/** A user without what tells who it is: the same person is the same one in every row. */
export function scrubUser(user: RefreshTokenBody['user'], replacing: Replacing): Fields {
  const { known, texts, note, text, group } = replacing
  const own = known.of(user.pk)
  const { name, username, email } = known.personOf(user)
  const shownName = user.name.trim() === '' ? '' : name
  const groupReplacements: Record<string, Replace> = {
    name: group,
    parent_name: group,
    attributes: (given) => texts.value(given, undefined, 'attributes'),
  }
  const replacements: Record<string, Replace> = {
    username: (given) => note('user names', given, username),
    name: (given) => note('names', given, shownName),
    email: (given) => text(given, 'e-mail addresses', () => email),
    avatar: (given) => note('avatars', given, avatarOf(shownName, username)),
    attributes: (given) => texts.value(given, own, 'attributes'),
    path: (given) => text(given, 'user paths', (path) => pathLike(path, replacing)),
    groups_obj: (given) => list(given, (each) => replaced(each, groupReplacements)),
    roles_obj: (given) => list(given, (each) => replaced(each, { name: group })),
  }
  return replaced(user, replacements, userFields, (given) => texts.value(given, own, 'unknown fields'))
}

function list(given: Json, replace: (member: Json) => Json): Json {
  return Array.isArray(given) ? given.map(replace) : given
}

function pathLike(path: string, { known, fakes }: Replacing): string {
  const segments = path.split('/')
  return segments.map((part) => (USUAL_PATHS.has(part) ? part : (known.find(part) ?? fakes.shape(part)))).join('/')
}
