import type { ClaimTraits } from '../world/id-token.js'

/** How the OAuth2 endpoints differ between releases: a part of the table in `authentik/releases.ts`, which says when each changed. */
export interface OAuth2Traits {
  /** Whether the answer of an error names the request, as `X-authentik-Id` does. */
  errorRequestId: boolean
  /** Client id and secret in a Basic header. */
  basicCredentials: 'as they are' | 'percent-decoded'
  /** Whose app passwords are good for a token. */
  appPasswords: 'of everybody' | 'of active users'
  /** What comes of a JWT as client assertion that names no key. */
  assertionWithoutKid: 'crash' | 'invalid_grant'
  /** Which tokens a client may revoke. */
  revocation: 'any token, if it is confidential' | 'any token' | 'own and federated tokens'
  /** When a refresh yields a new refresh token: where a threshold is set, by what it is compared with. */
  rotation: 'always' | 'time since expiry' | 'time left'
  /** Where the refresh token stands in the answer to a refresh. */
  refreshTokenPlace: 'second' | 'last'
  /** Whether an access token says its scope. */
  accessTokenScope: boolean
  /** Whether the discovery document speaks of back-channel logout. */
  backchannelLogout: boolean
  /** What the scope offline_access does to a sign-in. */
  offlineAccess: 'forces consent' | 'asks for nothing'
  /** What the parameter `login_hint` does to a sign-in. */
  loginHint: 'nothing' | 'fills in the user'
  /** When the parameter `request` is refused: after nonce and challenge were judged, or before. */
  requestParameter: 'judged last' | 'judged first'
  /** What the response type `id_token` hands out. */
  idTokenAlone: 'with an access token' | 'alone'
  /** How the device endpoint says what is wrong. */
  deviceErrors: 'empty' | 'JSON'
  /** What end-session answers while a flow is under way. */
  endSessionInFlow: 'the flow' | 'a page'
  /** What goes when a user is deactivated, beside the sessions. */
  deactivation: 'nothing' | 'tokens of sessions' | 'all tokens'
}

/** What the endpoints ask of a release. */
export interface OAuth2Release extends ClaimTraits {
  oauth2: OAuth2Traits
  /** What becomes of an API token that has expired once it is used. */
  expiredToken: 'deleted' | 'kept'
}

export const FIRST_OAUTH2: OAuth2Traits = {
  errorRequestId: false,
  basicCredentials: 'as they are',
  appPasswords: 'of everybody',
  assertionWithoutKid: 'crash',
  revocation: 'any token, if it is confidential',
  rotation: 'always',
  refreshTokenPlace: 'second',
  accessTokenScope: false,
  backchannelLogout: false,
  offlineAccess: 'forces consent',
  loginHint: 'nothing',
  requestParameter: 'judged last',
  idTokenAlone: 'with an access token',
  deviceErrors: 'empty',
  endSessionInFlow: 'the flow',
  deactivation: 'nothing',
}

/** How these traits read in a list of changes. */
export const OAUTH2_WORDS: { [T in keyof OAuth2Traits]: (value: OAuth2Traits[T]) => string } = {
  errorRequestId: (has) => `an OAuth2 error has ${has ? 'a' : 'no'} request_id`,
  basicCredentials: (form) =>
    `client id and secret in a Basic header are ${form === 'as they are' ? 'taken as they are' : form}`,
  appPasswords: (whose) => `app passwords yield tokens: those ${whose}`,
  assertionWithoutKid: (answer) => `a client assertion without kid: ${answer === 'crash' ? 'an empty 405' : answer}`,
  revocation: (which) => `a client may revoke: ${which}`,
  rotation: (when) => `refresh_token_threshold is ${when === 'always' ? 'ignored' : `compared with the ${when}`}`,
  refreshTokenPlace: (place) => `refresh_token in the answer to a refresh: ${place}`,
  accessTokenScope: (has) => `an access token has ${has ? 'a' : 'no'} scope`,
  backchannelLogout: (has) =>
    `discovery has ${has ? 'backchannel_logout_supported' : 'no word of back-channel logout'}`,
  offlineAccess: (what) => `the scope offline_access ${what}`,
  loginHint: (what) => `the parameter login_hint ${what === 'nothing' ? 'is ignored' : what}`,
  requestParameter: (when) => `the parameter request at the authorization endpoint is ${when}`,
  idTokenAlone: (what) => `response_type=id_token hands out an id_token ${what}`,
  deviceErrors: (form) => `errors of the device endpoint are ${form}`,
  endSessionInFlow: (what) => `end-session while a flow is under way is ${what}`,
  deactivation: (what) => `deactivating a user deletes: ${what}`,
}
