import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'

// The client runs in the page at the redirect URI; whoever sits at the browser clicks through the mock's pages.

const task = JSON.parse(process.env.TASK)
const home = new URL(task.redirect_uri)
const page = readFileSync('page.html')
const library = readFileSync('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js')

const server = createServer(({ url }, response) => {
  const isLibrary = url.endsWith('.js')
  response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html')
  response.end(isLibrary ? library : page)
}).listen(Number(home.port))

// No sandbox: a container's root has none. Nothing but the mock and this page is visited.
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
const tab = await browser.newPage()
tab.setDefaultTimeout(20_000)

async function take(step, action) {
  try {
    const detail = await action()
    console.log(JSON.stringify({ step, ...(detail === undefined ? { absent: true } : { detail }) }))
  } catch (error) {
    console.log(JSON.stringify({ step, error: error.message.split('\n')[0] }))
  }
}

/** Has the page do something with the client, its settings as those of the task. */
function inPage(action) {
  return tab.evaluate(`(async () => {
    const settings = {
      authority: ${JSON.stringify(task.issuer)}, client_id: ${JSON.stringify(task.client_id)},
      redirect_uri: ${JSON.stringify(task.redirect_uri)}, scope: 'openid email offline_access', loadUserInfo: true,
      automaticSilentRenew: false, userStore: new oidc.WebStorageStateStore({ store: localStorage }),
    }
    const client = new oidc.UserManager(settings)
    return (${action})(client)
  })()`)
}

const refresh = () =>
  inPage(async (client) => {
    const before = await client.getUser()
    const after = await client.signinSilent()
    const isNew = after.refresh_token !== undefined && after.refresh_token !== before.refresh_token
    return { sub: after.profile.sub, rotated: isNew }
  })

await tab.goto(task.redirect_uri)

await take('discovery', () =>
  inPage(async (client) => ({ token_endpoint: (await client.metadataService.getTokenEndpoint()) !== undefined })),
)

await take('sign-in', async () => {
  await inPage((client) => void client.signinRedirect())
  await tab.locator(`button[name=user][value="${task.user}"]`).click()
  // Consent is due at some releases only.
  const agreed = tab.locator('button[name=consent]').click()
  agreed.catch(() => {})
  await tab.waitForURL((url) => url.href.startsWith(task.redirect_uri))
  return inPage(async (client) => {
    const user = await client.signinRedirectCallback()
    return { sub: user.profile.sub, refresh_token: user.refresh_token !== undefined }
  })
})

await take('userinfo', () =>
  inPage(async (client) => {
    const { profile } = await client.getUser()
    return { sub: profile.sub, email: profile.email }
  }),
)

await take('refresh', refresh)
await take('refresh again', refresh)
await take('introspection', () => undefined)

await take('revocation', () =>
  inPage(async (client) => {
    // It forgets a token that it revokes, and the next step needs it.
    const user = await client.getUser()
    const readable = await client.revokeTokens(['refresh_token']).then(
      () => true,
      (error) => {
        if (error.message !== 'Failed to fetch') throw error
        return false
      },
    )
    await client.storeUser(user)
    return { readable }
  }),
)

await take('refused', () =>
  inPage((client) =>
    client.signinSilent().then(
      () => ({ error: 'none' }),
      ({ error, message }) => ({ error: error ?? message }),
    ),
  ),
)

await take('introspection of the revoked', () => undefined)
await take('device', () => undefined)

await browser.close()
server.close()
