import { tokenAdmitted } from '../../authentik/bearer-auth.js'
import type { RequestContext } from '../../authentik/context.js'
import { type Form, readForm } from '../../authentik/form.js'
import { readCredentials } from '../../oauth2/client-auth.js'
import { findAccessToken, findCode, findDeviceCode, findRefreshToken } from '../../oauth2/find.js'
import { readBearer } from '../../oauth2/userinfo.js'

/** What a request to the OAuth2 endpoints says of itself, right or wrong: looked at before it does its work. */
export interface OAuthSeen {
  form: Form
  grant: string | undefined
  /** The client id. */
  client: string | undefined
  /** The username of whoever it is about. */
  user: string | undefined
}

const ENDPOINTS = '/application/o/'
const NO_FORM: Form = new Map()

/** Of a request to the API, the user alone. */
export async function seenOf(ctx: RequestContext): Promise<OAuthSeen> {
  const form = ctx.path.startsWith(ENDPOINTS) ? await readForm(ctx).catch(() => NO_FORM) : NO_FORM
  const client = readCredentials(ctx.request.headers.authorization, form, ctx.release.oauth2).id
  return {
    form,
    grant: form.get('grant_type'),
    client: client || ctx.parameter('client_id'),
    user: usernameOf(ctx, form),
  }
}

function usernameOf(ctx: RequestContext, form: Form): string | undefined {
  const { database, browser, request } = ctx
  try {
    const bearer = readBearer(request.headers.authorization, form, ctx.parameter('access_token'))
    const row =
      findRefreshToken(database, form.get('refresh_token') ?? '') ??
      findCode(database, form.get('code') ?? '') ??
      findDeviceCode(database, form.get('device_code') ?? '') ??
      findAccessToken(database, bearer ?? '') ??
      tokenAdmitted(ctx)
    const pk = row?.user ?? undefined
    return pk === undefined ? (form.get('username') ?? browser?.user?.username) : database.users.get(pk)?.username
  } catch {
    // What authentik does not get over is nobody's.
    return undefined
  }
}
