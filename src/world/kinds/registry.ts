import type { Static } from 'typebox'
import { access_tokens } from './access-tokens.js'
import { tokens } from './api-tokens.js'
import { applications } from './applications.js'
import { authorization_codes } from './authorization-codes.js'
import { consents } from './consents.js'
import { device_codes } from './device-codes.js'
import { flows } from './flows.js'
import { groups } from './groups.js'
import { keys } from './keys.js'
import type { Kind } from './kind.js'
import { providers } from './providers.js'
import { refresh_tokens } from './refresh-tokens.js'
import { sessions } from './sessions.js'
import { users } from './users.js'

/** Every kind of row, by its section in fixtures and its path under `/_mock/`. A kind follows those that it refers to. */
export const KINDS = {
  groups,
  users,
  keys,
  flows,
  providers,
  applications,
  sessions,
  refresh_tokens,
  access_tokens,
  authorization_codes,
  device_codes,
  consents,
  tokens,
}

export type Section = keyof typeof KINDS
export type KeyOf<S extends Section> = Parameters<(typeof KINDS)[S]['complete']>[1]
export type RowOf<S extends Section> = NonNullable<ReturnType<(typeof KINDS)[S]['complete']>>
export type SeedOf<S extends Section> = Static<(typeof KINDS)[S]['seed']>

/** The kinds that a world has: those above, or more in a test. */
export type Kinds = Record<string, Kind>
