/** Every error of the OAuth2 endpoints, with authentik's words: the only place that has them. */
export const ERRORS = {
  invalid_request: 'The request is otherwise malformed',
  invalid_client:
    'Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method)',
  invalid_grant:
    'The provided authorization grant or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client',
  unauthorized_client: 'The authenticated client is not authorized to use this authorization grant type',
  unsupported_grant_type: 'The authorization grant type is not supported by the authorization server',
  invalid_scope:
    'The requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner',
  access_denied: 'The resource owner or authorization server denied the request',
  authorization_pending:
    "The authorization request is still pending as the end user hasn't yet completed the user-interaction steps",
  slow_down:
    'The authorization request is still pending and polling should continue, but the interval MUST be increased by 5 seconds for this and all subsequent requests.',
} as const

export type ErrorCode = keyof typeof ERRORS

/** What is wrong with a bearer token. */
export const BEARER_ERRORS = {
  invalid_token: {
    status: 401,
    description: 'The access token provided is expired, revoked, malformed, or invalid for other reasons',
  },
  insufficient_scope: {
    status: 403,
    description: 'The request requires higher privileges than provided by the access token',
  },
} as const

export type BearerErrorCode = keyof typeof BEARER_ERRORS

/** What a client is told by a redirect of the authorization endpoint. */
export const AUTHORIZE_ERRORS = {
  invalid_request: ERRORS.invalid_request,
  invalid_scope: 'The requested scope is invalid, unknown, or malformed',
  unsupported_response_type:
    'The authorization server does not support obtaining an authorization code using this method',
  request_not_supported: 'The provider does not support use of the request parameter',
  login_required: 'The Authorization Server requires End-User authentication',
  consent_required: 'The Authorization Server requires End-User consent',
} as const

/** The one that names what it does not know. */
export const unknownChallengeMethod = (method: string) => `Unsupported challenge method ${method}`

export type AuthorizeErrorCode = keyof typeof AUTHORIZE_ERRORS

/** What a person is told by a page, where nobody can be redirected. */
export const PAGE_ERRORS = {
  client: {
    heading: 'Client ID Error',
    text: 'The client identifier (client_id) is missing or invalid.',
  },
  redirect: {
    heading: 'Redirect URI Error',
    text: 'The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri).',
  },
} as const

export type PageErrorCode = keyof typeof PAGE_ERRORS

class Refused<Code> extends Error {
  readonly code: Code
  /** What authentik's one sentence does not tell: for the journal. */
  readonly reason: string
  constructor(code: Code, reason: string) {
    super(reason)
    this.code = code
    this.reason = reason
  }
}

/** A request that an endpoint refuses. */
export class Refusal extends Refused<ErrorCode> {
  override name = 'Refusal'
}

/** The same where a bearer token is asked for. */
export class BearerRefusal extends Refused<BearerErrorCode> {
  override name = 'BearerRefusal'
}

/** An authorization request whose client, or whose way back, is not known. */
export class PageRefusal extends Refused<PageErrorCode> {
  override name = 'PageRefusal'
}

/** An authorization request that the client is told to be wrong. */
export class RedirectRefusal extends Refused<AuthorizeErrorCode> {
  override name = 'RedirectRefusal'
  /** Instead of the usual sentence. */
  readonly description: string | undefined
  constructor(code: AuthorizeErrorCode, reason: string, description?: string) {
    super(code, reason)
    this.description = description
  }
}
