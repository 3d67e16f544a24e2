import type { AccessTokenSeed } from '../../world/kinds/access-tokens.js'
import type { TokenSeed } from '../../world/kinds/api-tokens.js'
import type { AuthorizationCodeSeed } from '../../world/kinds/authorization-codes.js'
import type { DeviceCodeSeed } from '../../world/kinds/device-codes.js'
import type { RefreshTokenSeed } from '../../world/kinds/refresh-tokens.js'
import type { SessionSeed } from '../../world/kinds/sessions.js'
import type {
  CleanUp,
  CodeIssue,
  DeviceState,
  IssuedCode,
  IssuedTokens,
  RowHistory,
  TokenIssue,
} from '../issue-bodies.js'
import { type Call, type RowsClient, rowsClient } from './rows-client.js'

/** What the library does with living tokens: the rows that have secrets, and the ways around a browser. */

/** Rows of one kind that a client holds a secret of. */
export interface SecretRowsClient<Seed, Secrets> extends RowsClient<Seed> {
  /** What a client shows of a row, by the names of its fields. */
  secret(key: number | string): Promise<Secrets>
}

/** Those that come and go by themselves. */
export interface TokenRowsClient<Seed, Secrets> extends SecretRowsClient<Seed, Secrets> {
  /** What became of one, also of one that is gone: the requests behind it, what it came of and what came of it. */
  history(pk: number): Promise<RowHistory>
}

/** A session that began without a browser, in the forms that browsers and HTTP clients take. */
export interface SignedIn {
  /** The primary key of the session. */
  session: string
  /** The value of a `Cookie` header. */
  header: string
  /** What Playwright's `addCookies` and its like take. */
  cookie: { name: string; value: string; url: string; httpOnly: boolean; sameSite: 'Lax' }
}

/** Whatever is said of a user or provider may be a primary key or a name; of a provider, also a client id. */
export interface TokenClients {
  readonly refreshTokens: TokenRowsClient<RefreshTokenSeed, { token: string }>
  readonly accessTokens: TokenRowsClient<AccessTokenSeed, { token: string }>
  readonly authorizationCodes: TokenRowsClient<AuthorizationCodeSeed, { code: string }>
  readonly deviceCodes: TokenRowsClient<DeviceCodeSeed, { device_code: string; user_code: string }>
  readonly sessions: SecretRowsClient<SessionSeed, { key: string }>
  /** The API tokens; `issue` is about those of OAuth2. */
  readonly tokens: RowsClient<TokenSeed & { name: string }> & {
    /** Issues an access token, an id_token and, with the scope offline_access, a refresh token. */
    issue(issue: TokenIssue): Promise<IssuedTokens>
  }
  readonly codes: {
    /** Issues an authorization code. */
    issue(issue: CodeIssue): Promise<IssuedCode>
  }
  readonly device: {
    /** Lets in the device that shows this code. */
    approve(userCode: string, user: number | string): Promise<DeviceState>
    /** Turns it away. */
    deny(userCode: string): Promise<DeviceState>
  }
  /**
   * Signs a user in, without a browser.
   *
   * @throws TypeError without a user
   */
  signIn(user: number | string): Promise<SignedIn>
  /** Deletes what has expired, as a task of authentik does from time to time. */
  cleanUp(): Promise<CleanUp>
}

/** @param url where this world is found */
export function tokenClients(call: Call, url: string): TokenClients {
  return {
    refreshTokens: tokenRowsClient(call, 'refresh_tokens'),
    accessTokens: tokenRowsClient(call, 'access_tokens'),
    authorizationCodes: tokenRowsClient(call, 'authorization_codes'),
    deviceCodes: tokenRowsClient(call, 'device_codes'),
    sessions: secretRowsClient(call, 'sessions'),
    tokens: { ...rowsClient(call, 'tokens'), issue: (issue) => call('POST', '/tokens/issue', issue) },
    codes: { issue: (issue) => call('POST', '/authorization_codes/issue', issue) },
    device: {
      approve: (userCode, user) => call('POST', `${deviceAt(userCode)}/approve`, { user }),
      deny: (userCode) => call('POST', `${deviceAt(userCode)}/deny`),
    },
    async signIn(user) {
      // A session without a user would be that of a superuser.
      if (user === undefined) throw new TypeError('signIn: found nothing; allowed: a primary key or a username')
      const { pk, cookie } = await call<{ pk: string; cookie: string }>('POST', '/sessions', { user })
      const [header = ''] = cookie.split(';')
      const [name = '', value = ''] = header.split(/=(.*)/s)
      return { session: pk, header, cookie: { name, value, url: `${url}/`, httpOnly: true, sameSite: 'Lax' } }
    },
    cleanUp: () => call('POST', '/clean-up'),
  }
}

function deviceAt(userCode: string): string {
  return `/device_codes/${encodeURIComponent(userCode)}`
}

function secretRowsClient<Seed, Secrets>(call: Call, section: string): SecretRowsClient<Seed, Secrets> {
  return {
    ...rowsClient<Seed>(call, section),
    secret: (key) => call('GET', `/${section}/${encodeURIComponent(key)}/secret`),
  }
}

function tokenRowsClient<Seed, Secrets>(call: Call, section: string): TokenRowsClient<Seed, Secrets> {
  return {
    ...secretRowsClient<Seed, Secrets>(call, section),
    history: (pk) => call('GET', `/${section}/${encodeURIComponent(pk)}/history`),
  }
}
