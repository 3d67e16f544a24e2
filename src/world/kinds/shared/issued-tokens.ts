import * as Type from 'typebox'
import { type IdToken, issueClaims } from '../../id-token.js'
import { microsOf } from '../../instant.js'
import { type Attributes, pythonText } from '../../json.js'
import { alphanumeric } from '../../random.js'
import { tokenForm } from '../../secret-forms.js'
import type { Lookup } from '../../table.js'
import type { Application } from '../applications.js'
import type { Group } from '../groups.js'
import type { Context, Given, Kind } from '../kind.js'
import type { Provider } from '../providers.js'
import type { User } from '../users.js'
import { attributes, flag, instant, secretWord, text } from './grammar.js'
import {
  type Grant,
  grantColumns,
  grantFields,
  grantReferences,
  grantTerms,
  lifetimeOf,
  providerOf,
  splitScope,
} from './granted.js'
import { momentsOf } from './moments.js'

/** What access tokens and refresh tokens have in common: the same rows, but for their lives. */
export interface IssuedToken extends Grant {
  id_token: IdToken
  revoked: boolean
  /** What a client shows. Null: the one that the key of the row yields. */
  token: string | null
}

/** The fields of a seed. */
export const issuedTokenFields = {
  ...grantFields,
  revoked: flag(),
  id_token: Type.Union([text(), attributes()], {
    description: 'the text of the id_token, or its claims as an object',
  }),
  issued: instant(),
  auth_time: instant(),
  claims: attributes(),
  amr: Type.Array(text(), { description: 'a list of texts such as "pwd" and "mfa"' }),
  nonce: text(),
  at_hash: text(),
  sid: text(),
  jti: text(),
  token: secretWord(),
}

/** What only an issue looks at. */
const AT_ISSUE = ['issued', 'auth_time', 'claims', 'amr', 'nonce', 'at_hash', 'sid', 'jti']

interface Details {
  scope?: string[]
  revoked?: boolean
  id_token?: string | Attributes
  claims?: Attributes
  amr?: string[]
  nonce?: string
  at_hash?: string
  sid?: string
  jti?: string
  session?: string | null
  token?: string
}

/** What is special about one of the two kinds. */
interface Life {
  /** What becomes of its tokens when their session ends. */
  onSessionEnd: 'cascade' | 'set null'
  validity: 'access_token_validity' | 'refresh_token_validity'
  /** The scope of a token whose description names none. */
  scope(provider: Provider): string[]
}

/** One of the two kinds. */
export function tokenKind<Seed extends Type.TObject>(
  word: string,
  seed: Seed,
  life: Life,
): Kind<number, IssuedToken, Seed> {
  return {
    word,
    seed,
    key: 'pk',
    keys: 'counted',
    form: 'list',
    secrets: { token: tokenForm },
    unique: ['token'],
    atIssue: AT_ISSUE,
    terms: grantTerms,
    references: grantReferences(life.onSessionEnd),
    columns: { ...grantColumns, revoked: (row) => Number(row.revoked) },
    complete: (given, pk, context, before) => completeToken(life, given, pk, context, before),
    seedOf: (row, { idTokenText }) => ({ ...row, id_token: idTokenText(row.id_token) }),
  }
}

/** A token as authentik would have issued it, where the description does not say otherwise. */
function completeToken(
  life: Life,
  given: Given,
  pk: number,
  context: Context,
  before: IssuedToken | undefined,
): IssuedToken | undefined {
  return before === undefined ? issued(life, given, pk, context) : changed(given, before, context)
}

function issued(life: Life, given: Given, pk: number, context: Context): IssuedToken | undefined {
  const details = given as Details
  const provider = providerOf(given, context)
  const user = context.rows('users').get(given['user'] as number) as User
  const lifetime = lifetimeOf(given, provider, life.validity, context, details.id_token === undefined)
  if (lifetime === undefined) return undefined
  const { issued, expires, end } = lifetime
  const { auth_time } = momentsOf(given, ['auth_time'], context)
  const scope = details.scope ?? life.scope(provider)
  const { amr, nonce, at_hash, sid, claims } = details
  const issue = {
    scope,
    expires,
    issued,
    authTime: auth_time ? microsOf(auth_time) : issued,
    jti: details.jti ?? alphanumeric(context.seed, 'jti', pk, 40),
    amr,
    nonce,
    at_hash,
    sid,
    claims,
  }
  const application = context.referring('applications', 'provider', provider.pk) as Application | undefined
  const { installId, baseUrl } = context
  const place = { installId, baseUrl, groups: context.rows('groups') as Lookup<string, Group> }
  return {
    pk,
    provider: provider.pk,
    user: user.pk,
    expires: end,
    scope: splitScope(scope),
    id_token: idTokenOf(given, () => issueClaims(issue, { provider, application, user }, place)),
    revoked: details.revoked ?? false,
    session: details.session ?? null,
    token: details.token ?? null,
  }
}

/** The id_token stays as it was issued, and so do the fields that only an issue looks at. */
function changed(given: Given, before: IssuedToken, context: Context): IssuedToken {
  const {
    provider = before.provider,
    user = before.user,
    scope = before.scope,
    revoked = before.revoked,
    session = before.session,
    token = before.token,
  } = given as Partial<IssuedToken>
  const { expires = before.expires } = momentsOf(given, ['expires'], context)
  return {
    ...before,
    ...{ provider, user, expires, scope, revoked, session, token },
    id_token: idTokenOf(given, () => before.id_token),
  }
}

function idTokenOf({ id_token }: Given, otherwise: () => IdToken): IdToken {
  if (id_token === undefined) return otherwise()
  return typeof id_token === 'string' ? id_token : pythonText(id_token as Attributes)
}
