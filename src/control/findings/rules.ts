import { RELEASES } from '../../authentik/releases.js'

/** What a client may do that works against a mock, or by luck, and hurts it elsewhere. */
export interface Rule {
  severity: 'warning' | 'error'
  /** What is wrong, about `found`. */
  says: string
  hint: string
}

export type Severity = Rule['severity']

/** An offence against a rule: `found` is the parameter, value or path that it is about. */
export interface Found {
  rule: RuleName
  found: string
}

/** The first of the releases with the smallest pages. */
export const SMALL_PAGES = RELEASES.reduce((a, b) => (b.maxPageSize < a.maxPageSize ? b : a))
const SINCE = SMALL_PAGES.name.replace(/^(\d+\.\d+)\..*/, '$1')

export const RULES = {
  'unknown-parameter': {
    severity: 'warning',
    says: 'a query parameter that this release does not document',
    hint: 'authentik ignores it, or may do so in another release; filter by user and provider, order by ordering',
  },
  'repeated-parameter': {
    severity: 'warning',
    says: 'a query parameter that is there more than once',
    hint: 'only its last value counts',
  },
  'forbidden-value': {
    severity: 'warning',
    says: 'a value that the contract forbids, and authentik takes',
    hint: 'the contract wants an integer, written plainly; what else is understood may change',
  },
  'unknown-ordering': {
    severity: 'warning',
    says: 'a term of ordering that authentik drops',
    hint: 'refresh tokens know pk, provider, user, expires and revoked, other lists have their own; - in front turns one round',
  },
  'large-page': {
    severity: 'warning',
    says: 'a page_size above what later releases give',
    hint: `from ${SINCE} on a page has at most ${SMALL_PAGES.maxPageSize} rows: follow pagination.next`,
  },
  'unread-pages': {
    severity: 'warning',
    says: 'a list of which only the first page was read',
    hint: `follow pagination.next until it is 0; from ${SINCE} on a page has ${SMALL_PAGES.pageSize} rows by default`,
  },
  'repeated-request': {
    severity: 'warning',
    says: 'the same request five times in a row, though nothing had changed',
    hint: 'keep the answer, or wait longer; a loop over pages must count page up',
  },
  'unserved-path': {
    severity: 'warning',
    says: 'a path or an operation that this mock does not serve',
    hint: 'a real authentik may know it; a stub, or --forward, answers it here',
  },
  'id-for-pk': {
    severity: 'error',
    says: 'something other than a primary key where one is needed',
    hint: 'rows are named by pk, an integer; they have no id',
  },
  'missing-slash': {
    severity: 'error',
    says: 'a path without the slash at its end',
    hint: 'authentik adds none: the same path with a slash is the route',
  },
  'delete-collection': {
    severity: 'error',
    says: 'DELETE on the whole list',
    hint: 'no release knows it; rows are deleted one by one, at their own path',
  },
  'no-such-operation': {
    severity: 'error',
    says: 'an operation that neither this nor any later release has',
    hint: 'refresh tokens are listed, read and deleted; they cannot be made or changed over this API',
  },
  'token-in-query': {
    severity: 'error',
    says: 'a credential in the query string',
    hint: 'it ends up in logs; send it as Authorization: Bearer',
  },
  'rotated-token': {
    severity: 'error',
    says: 'a refresh token that was rotated before',
    hint: 'keep the refresh token of each answer in the place of the one that was sent',
  },
  'ignored-token': {
    severity: 'error',
    says: 'a refresh token that was rotated before, while nobody used the one that came in its place',
    hint: 'read refresh_token of every answer to a refresh',
  },
  'dropped-token': {
    severity: 'error',
    says: 'a refresh without a refresh token, after an answer that had none',
    hint: 'an answer without refresh_token leaves the old one good: keep it',
  },
  'parallel-refresh': {
    severity: 'error',
    says: 'one refresh token twice, both with success',
    hint: 'let one refresh run at a time; authentik lets both win, and one of the new tokens is lost',
  },
  'retried-grant': {
    severity: 'warning',
    says: 'a grant again that was refused with invalid_grant before',
    hint: 'invalid_grant is final for a code, a token or a password: sign the user in again',
  },
  'early-refresh': {
    severity: 'warning',
    says: 'a refresh long before the access token expires',
    hint: 'refresh when expires_in is nearly over: less than half of it was',
  },
  'secret-in-query': {
    severity: 'error',
    says: 'a secret in the query string of an OAuth2 endpoint',
    hint: 'it ends up in logs, and authentik does not read it there; send it as form or as Basic',
  },
  'two-credentials': {
    severity: 'warning',
    says: 'client credentials by Basic and in the form',
    hint: 'RFC 6749 allows one way for each request; authentik reads Basic',
  },
  'no-pkce': {
    severity: 'error',
    says: 'an authorization request of a public client without a code_challenge',
    hint: 'send code_challenge and code_challenge_method=S256',
  },
  'no-state': {
    severity: 'warning',
    says: 'an authorization request with neither state nor nonce nor code_challenge',
    hint: 'one of them has to bind the answer to the browser that asked',
  },
  'wide-scope': {
    severity: 'warning',
    says: 'a scope wider than needed',
    hint: 'ask for what is used: no scope means all of them, offline_access is for refreshing, goauthentik.io/api for the API',
  },
} satisfies Record<string, Rule>

export type RuleName = keyof typeof RULES
