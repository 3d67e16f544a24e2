import * as oauth from 'oauth4webapi'

const task = JSON.parse(process.env.TASK)
const client = { client_id: task.client_id }
const auth = oauth.ClientSecretBasic(task.client_secret)
const scope = 'openid email offline_access'
const http = { [oauth.allowInsecureRequests]: true }
const say = (outcome) => console.log(JSON.stringify(outcome))

async function take(step, action) {
  try {
    say({ step, detail: await action() })
  } catch (error) {
    say({ step, error: `${error.code ?? error.name}: ${error.message}` })
  }
}

let server
let tokens
let first

/** The claims of the id_token, its signature checked with the keys of the server. */
async function claimsOf(response, granted) {
  await oauth.validateApplicationLevelSignature(server, response, http)
  return oauth.getValidatedIdTokenClaims(granted)
}

const refresh = async (token) => {
  const response = await oauth.refreshTokenGrantRequest(server, client, auth, token, http)
  return [response, await oauth.processRefreshTokenResponse(server, client, response)]
}

const introspect = async (token) => {
  const response = await oauth.introspectionRequest(server, client, auth, token, http)
  return oauth.processIntrospectionResponse(server, client, response)
}

await take('discovery', async () => {
  const issuer = new URL(task.issuer)
  const response = await oauth.discoveryRequest(issuer, http)
  server = await oauth.processDiscoveryResponse(issuer, response)
  return { token_endpoint: server.token_endpoint !== undefined }
})

await take('sign-in', async () => {
  const verifier = oauth.generateRandomCodeVerifier()
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
  const url = new URL(server.authorization_endpoint)
  url.search = new URLSearchParams({
    ...{ client_id: task.client_id, redirect_uri: task.redirect_uri, response_type: 'code', scope, state, nonce },
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const answer = await fetch(`${task.browser}?url=${encodeURIComponent(url)}`)
  const parameters = oauth.validateAuthResponse(server, client, new URL(await answer.text()), state)
  const { redirect_uri } = task
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    auth,
    parameters,
    redirect_uri,
    verifier,
    http,
  )
  const checks = { expectedNonce: nonce, requireIdToken: true }
  tokens = await oauth.processAuthorizationCodeResponse(server, client, response, checks)
  first = (await claimsOf(response, tokens)).sub
  return { sub: first, refresh_token: tokens.refresh_token !== undefined }
})

await take('userinfo', async () => {
  const response = await oauth.userInfoRequest(server, client, tokens.access_token, http)
  const { sub, email } = await oauth.processUserInfoResponse(server, client, first, response)
  return { sub, email }
})

for (const step of ['refresh', 'refresh again'])
  await take(step, async () => {
    const before = tokens.refresh_token
    const [response, granted] = await refresh(before)
    tokens = granted
    const { sub } = await claimsOf(response, granted)
    return { sub, rotated: ![undefined, before].includes(granted.refresh_token) }
  })

await take('introspection', async () => {
  const { active, sub } = await introspect(tokens.refresh_token)
  return { active, sub }
})

await take('revocation', async () => {
  const response = await oauth.revocationRequest(server, client, auth, tokens.refresh_token, http)
  await oauth.processRevocationResponse(response)
  return {}
})

await take('refused', async () => {
  const error = await refresh(tokens.refresh_token).then(
    () => 'none',
    (refused) => refused.error ?? refused.message,
  )
  return { error }
})

await take('introspection of the revoked', async () => {
  const { active } = await introspect(tokens.refresh_token)
  return { active }
})

await take('device', async () => {
  const begun = await oauth.deviceAuthorizationRequest(server, client, auth, { scope }, http)
  const device = await oauth.processDeviceAuthorizationResponse(server, client, begun)
  await fetch(`${task.browser}?url=${encodeURIComponent(device.verification_uri_complete)}`)
  const response = await oauth.deviceCodeGrantRequest(server, client, auth, device.device_code, http)
  const granted = await oauth.processDeviceCodeResponse(server, client, response, { requireIdToken: true })
  return { sub: (await claimsOf(response, granted)).sub }
})
