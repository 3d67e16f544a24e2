import * as client from 'openid-client'

const task = JSON.parse(process.env.TASK)
const scope = 'openid email offline_access'
const say = (outcome) => console.log(JSON.stringify(outcome))

async function take(step, action) {
  try {
    say({ step, detail: await action() })
  } catch (error) {
    say({ step, error: `${error.code ?? error.name}: ${error.cause?.message ?? error.message}` })
  }
}

let config
let tokens
let first

await take('discovery', async () => {
  const options = { execute: [client.allowInsecureRequests] }
  config = await client.discovery(new URL(task.issuer), task.client_id, task.client_secret, undefined, options)
  client.enableNonRepudiationChecks(config)
  return { token_endpoint: config.serverMetadata().token_endpoint !== undefined }
})

await take('sign-in', async () => {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
  const url = client.buildAuthorizationUrl(config, {
    ...{ redirect_uri: task.redirect_uri, scope, state: expectedState, nonce: expectedNonce },
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const answer = await fetch(`${task.browser}?url=${encodeURIComponent(url)}`)
  const location = new URL(await answer.text())
  tokens = await client.authorizationCodeGrant(config, location, { pkceCodeVerifier, expectedState, expectedNonce })
  first = tokens.claims().sub
  return { sub: first, refresh_token: tokens.refresh_token !== undefined }
})

await take('userinfo', async () => {
  const { sub, email } = await client.fetchUserInfo(config, tokens.access_token, first)
  return { sub, email }
})

for (const step of ['refresh', 'refresh again'])
  await take(step, async () => {
    const before = tokens.refresh_token
    tokens = await client.refreshTokenGrant(config, before)
    return { sub: tokens.claims().sub, rotated: ![undefined, before].includes(tokens.refresh_token) }
  })

await take('introspection', async () => {
  const { active, sub } = await client.tokenIntrospection(config, tokens.refresh_token)
  return { active, sub }
})

await take('revocation', async () => {
  await client.tokenRevocation(config, tokens.refresh_token)
  return {}
})

await take('refused', async () => {
  const refused = await client.refreshTokenGrant(config, tokens.refresh_token).catch(({ error }) => ({ error }))
  return { error: refused.error ?? 'none' }
})

await take('introspection of the revoked', async () => {
  const { active } = await client.tokenIntrospection(config, tokens.refresh_token)
  return { active }
})

await take('device', async () => {
  const device = await client.initiateDeviceAuthorization(config, { scope })
  await fetch(`${task.browser}?url=${encodeURIComponent(device.verification_uri_complete)}`)
  const granted = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.05 })
  return { sub: granted.claims().sub }
})
