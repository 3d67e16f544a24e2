import * as Type from 'typebox'
import type { Release } from '../../../../../authentik/releases.js'
import {
  listSchema,
  moment,
  orNull,
  type PaginationBody,
  pickFields,
  pk,
  usedBySchema,
} from '../../../../../authentik/wire-types.js'
import { memoize } from '../../../../../world/memoize.js'
import { readOnly, unpromised } from '../../components/field-options.js'
import {
  documentedProviderSchema,
  type ProviderBody,
  providerFields,
  providerSchema,
} from '../../components/provider.js'
import { type UserBody, userFields, userSchema } from '../../components/user.js'

/**
 * The bodies of refresh tokens: every field that any release knows. What a release shows of them, and in which order,
 * stands in the table of releases; `bodySchemas` puts the two together.
 */

export const refreshTokenFields = {
  pk: pk({ title: 'ID', ...readOnly }),
  provider: Type.Object(providerFields),
  user: Type.Object(userFields),
  is_expired: Type.Boolean(readOnly),
  expires: orNull(moment(unpromised)),
  scope: Type.Array(Type.String()),
  id_token: Type.String(readOnly),
  revoked: Type.Boolean(unpromised),
}

const KEPT_RELEASES = 3

/** The keys of a refresh token never changed. */
export const REFRESH_TOKEN_KEYS = Object.keys(refreshTokenFields) as (keyof typeof refreshTokenFields)[]

/** The bodies of one release. */
export interface BodySchemas {
  RefreshToken: Type.TSchema
  RefreshTokenList: Type.TSchema
  UsedBy: Type.TSchema
}

/** The schemas that the bodies of a release meet: its keys, each required, in the order of the wire, and no others. */
export function bodySchemas(release: Release): BodySchemas {
  return schemasOf(release, providerSchema(release))
}

/** The same as authentik's document has them. Many routes of a release have them, and mostly there is one release. */
export const documentedSchemas = memoize(KEPT_RELEASES, (release: Release) =>
  schemasOf(release, documentedProviderSchema(release)),
)

/** The fields of a body as authentik's document has them. */
export function refreshTokenFieldsOf(release: Release) {
  return fieldsWith(release, documentedProviderSchema(release))
}

function fieldsWith(release: Release, provider: Type.TSchema) {
  return { ...refreshTokenFields, provider, user: userSchema(release) }
}

function schemasOf(release: Release, provider: Type.TSchema): BodySchemas {
  const RefreshToken = pickFields(fieldsWith(release, provider), REFRESH_TOKEN_KEYS, 'TokenModel')
  return {
    RefreshToken,
    RefreshTokenList: listSchema(release, RefreshToken, 'PaginatedTokenModelList'),
    UsedBy: usedBySchema(release),
  }
}

/** A refresh token as any release shows it. */
export type RefreshTokenBody = Omit<Type.Static<Type.TObject<typeof refreshTokenFields>>, 'provider' | 'user'> & {
  provider: ProviderBody
  user: UserBody
}
/** A page of the list, as any release shows it. */
export interface RefreshTokenListBody {
  pagination: Type.Static<typeof PaginationBody>
  results: RefreshTokenBody[]
  autocomplete?: Record<string, never>
}
