import * as Type from 'typebox'
import { orNull } from '../authentik/wire-types.js'
import { CHALLENGE_METHODS } from '../world/kinds/authorization-codes.js'
import { record } from '../world/kinds/shared/shapes.js'
import { text } from './body-fields.js'

/** The bodies of what issues tokens without the dance before them. The descriptions are what mistakes are answered with. */

const pk = (word: string) => Type.Integer({ description: `the primary key of ${word}` })
const reference = (description: string) => Type.Union([Type.Integer(), Type.String()], { description })

const user = () => reference('a user: a primary key or a username')

const grantFields = {
  provider: Type.Optional(
    reference('a provider: a primary key, a name or a client id; needed where there are several'),
  ),
  user: user(),
  scope: Type.Optional(
    Type.Array(text('a scope name'), { description: 'a list of scope names; by default all of the provider' }),
  ),
  session: Type.Optional(text('the primary key of a session that the user has; by default none')),
  nonce: Type.Optional(text('a text')),
}

const strict = (description: string) => ({ additionalProperties: false, description })

export const TokenIssue = Type.Object(grantFields, strict('for whom tokens are issued, and by which provider'))

/** What the token endpoint answers, and the rows that it made. */
export const IssuedTokens = Type.Object({
  access_token: text('the signed access token'),
  token_type: text('Bearer'),
  scope: text('the scopes, with blanks between them'),
  expires_in: Type.Integer({ description: 'seconds' }),
  id_token: text('the signed id_token'),
  refresh_token: Type.Optional(text('only with the scope offline_access')),
  pks: Type.Object({
    access_token: pk('the access token'),
    refresh_token: orNull(pk('the refresh token; null: there is none')),
  }),
})

export const CodeIssue = Type.Object(
  {
    ...grantFields,
    code_challenge: Type.Optional(text('what PKCE calls so: a text')),
    code_challenge_method: Type.Optional(
      Type.Enum([...CHALLENGE_METHODS], { description: CHALLENGE_METHODS.join(', ') }),
    ),
  },
  strict('for whom a code is issued, and by which provider'),
)

export const IssuedCode = Type.Object({
  code: text('what a client exchanges for tokens'),
  expires: text('until when'),
  pk: pk('the authorization code'),
})

export const DeviceApproval = Type.Object({ user: user() }, strict('who lets the device in: {user}'))

export const DeviceState = Type.Object({
  pk: pk('the device code'),
  user: orNull(pk('who let it in; null: nobody')),
  denied: Type.Boolean({ description: 'whether it was turned away' }),
})

export const CleanUp = Type.Object({
  deleted: record(Type.Integer(), { description: 'how many expired rows went, by kind' }),
})

const rowName = () => Type.Object({ section: text('its kind'), pk: Type.Union([Type.Integer(), Type.String()]) })

/** What became of a code or token. */
export const RowHistory = Type.Object({
  section: text('its kind'),
  pk: pk('the row'),
  exists: Type.Boolean({ description: 'whether it is still there' }),
  events: Type.Array(
    Type.Object({
      what: Type.Enum(['issued', 'changed', 'used', 'rotated', 'revoked', 'deleted'], { description: 'what happened' }),
      at: orNull(text('when, by the clock of the world; null: the world began with it, or nobody said')),
      by: orNull(text('method and path of the request')),
      request: orNull(text('X-authentik-Id of its answer')),
      grant: orNull(text('the grant type of a token request')),
      client: orNull(text('the client id')),
      as: orNull(text('the name of the API token')),
      from: orNull(rowName()),
      made: Type.Array(rowName(), { description: 'what came of it' }),
      along: orNull(rowName()),
    }),
    { description: 'the oldest first; of a row that the world began with, what happened since' },
  ),
})

export type RowHistory = Type.Static<typeof RowHistory>
export type TokenIssue = Type.Static<typeof TokenIssue>
export type IssuedTokens = Type.Static<typeof IssuedTokens>
export type CodeIssue = Type.Static<typeof CodeIssue>
export type IssuedCode = Type.Static<typeof IssuedCode>
export type DeviceApproval = Type.Static<typeof DeviceApproval>
export type DeviceState = Type.Static<typeof DeviceState>
export type CleanUp = Type.Static<typeof CleanUp>
