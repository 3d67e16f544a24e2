import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { connectMock, startMock } from '../../src/index.js'
import { makeCertificate } from '../../src/server/make-certificate.js'
import { send } from '../http.js'
import { runHere, serve } from '../process.js'

/** The mock by https, beside http and over the same worlds. */

const LIST = '/api/v3/oauth2/refresh_tokens/'
const HEADERS = { Authorization: 'Bearer superuser-key' }

/** The status and text of an answer that came from whom the authority vouches for. */
function ask(url: string, ca: string | undefined, options = {}): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const request = get(
      url,
      { headers: HEADERS, agent: false, ...(ca !== undefined && { ca }), ...options },
      (response) => {
        let text = ''
        response.on('data', (part) => {
          text += part
        })
        response.on('end', () => resolve({ status: response.statusCode, text }))
        response.on('error', reject)
      },
    )
    request.on('error', reject)
  })
}

t.test('one mock at both ports', async (t) => {
  await using mock = await startMock({ https: true, tlsName: 'sso.example.com' })
  const { httpsUrl = '', ca = '' } = mock
  t.match(httpsUrl, /^https:\/\/127\.0\.0\.1:\d+$/)
  t.equal((await send(mock.url, { path: '/_mock/ca.pem' })).body.toString(), ca)
  t.match(await ask(`${httpsUrl}${LIST}1/`, ca), { status: 200, text: /^\{"pk":1,/ })
  for (const servername of [
    'localhost',
    'authentik',
    'authentik-mock',
    'authentik-server',
    'server',
    'sso.example.com',
  ])
    t.equal(
      (await ask(`${httpsUrl}${LIST}1/`, ca, { servername, headers: { ...HEADERS, Host: servername } })).status,
      200,
    )
  await t.rejects(ask(`${httpsUrl}${LIST}`, undefined), { code: 'SELF_SIGNED_CERT_IN_CHAIN' })
  await t.rejects(
    ask(`${httpsUrl}${LIST}`, ca, { headers: { Host: 'elsewhere.example.com' }, servername: 'elsewhere.example.com' }),
    {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    },
  )

  const discovery = await ask(`${httpsUrl}/application/o/grafana/.well-known/openid-configuration`, ca)
  t.equal(JSON.parse(discovery.text).issuer, `${httpsUrl}/application/o/grafana/`)

  await send(mock.url, { path: `${LIST}2/`, headers: HEADERS })
  t.strictSame(
    (await mock.requests({ path: `${LIST}*/` })).map(({ path }) => path).filter((path) => path.endsWith('/2/')),
    [`${LIST}2/`],
    'one journal',
  )
  const world = mock.world('w')
  t.equal(world.httpsUrl, `${httpsUrl}/@w`)
  t.equal((await ask(`${world.httpsUrl}${LIST}1/`, ca)).status, 200)

  await using connected = await connectMock(httpsUrl, { ca })
  t.equal((await connected.info()).name, 'authentik-mock')
})

t.test('without https there is none', async (t) => {
  await using mock = await startMock()
  t.strictSame([mock.httpsUrl, mock.ca], [undefined, undefined])
  t.match(
    (await send(mock.url, { path: '/_mock/ca.pem' })).body.toString(),
    /"detail":"this mock is not served by https/,
  )
})

t.test('what breaks a handshake, or stays in one, ends nothing and holds nothing up', async (t) => {
  const mock = await startMock({ https: true, stopGrace: 60 })
  const { httpsUrl = '', ca = '' } = mock
  const port = Number(new URL(httpsUrl).port)
  await send(`http://127.0.0.1:${port}`, { path: '/' }).catch(() => undefined)
  const idle = connect({ port, host: '127.0.0.1', ca })
  await new Promise((resolve) => idle.once('secureConnect', resolve))
  const agent = new Agent({ keepAlive: true })
  t.equal((await ask(`${httpsUrl}${LIST}`, ca, { agent })).status, 200)
  const ended = new Promise((resolve) => idle.once('close', resolve))
  idle.resume()
  await mock.close()
  await ended
  agent.destroy()
})

t.test('a certificate of one’s own, and what is wrong with it', async (t) => {
  const folder = t.testdir()
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const [own, other] = await Promise.all([makeCertificate(['127.0.0.1']), makeCertificate(['127.0.0.1'])])
  const cert = file('cert.pem', own.cert)
  const key = file('key.pem', own.key)
  const otherKey = file('other.pem', other.key)
  const junk = file('junk.pem', 'junk')
  const fifo = join(folder, 'fifo.pem')
  execFileSync('mkfifo', [fifo])

  await using mock = await startMock({ httpsPort: 0, tlsCert: cert, tlsKey: key })
  t.equal((await ask(`${mock.httpsUrl}${LIST}`, own.ca)).status, 200)
  t.equal(mock.ca, own.cert)

  const mistakes: [object, string][] = [
    [{ https: true, tlsCert: cert }, 'tlsCert: found no tlsKey; allowed: both'],
    [{ https: true, tlsKey: key }, 'tlsKey: found no tlsCert; allowed: both'],
    [{ tlsCert: cert, tlsKey: key }, 'tlsCert: allowed with httpsPort only'],
    [
      { https: true, tlsCert: join(folder, 'none'), tlsKey: key },
      `tlsCert: found ${folder}/none: there is no such file; allowed: a file that can be read`,
    ],
    [
      { https: true, tlsCert: cert, tlsKey: folder },
      `tlsKey: found ${folder}: it is a folder; allowed: a file that can be read`,
    ],
    [
      { https: true, tlsCert: '/dev/zero', tlsKey: key },
      'tlsCert: found /dev/zero: it is a device; allowed: a file that can be read',
    ],
    [
      { https: true, tlsCert: cert, tlsKey: fifo },
      `tlsKey: found ${fifo}: it is a FIFO; allowed: a file that can be read`,
    ],
    [{ https: true, tlsCert: junk, tlsKey: key }, `tlsCert: found ${junk}; allowed: certificates as PEM`],
    [
      { https: true, tlsCert: cert, tlsKey: junk },
      `tlsKey: found ${junk}; allowed: a private key as PEM, without a password`,
    ],
    [
      { https: true, tlsCert: cert, tlsKey: otherKey },
      `tlsKey: found ${otherKey}, which is not the key of ${cert}; allowed: the key of its first certificate`,
    ],
  ]
  for (const [options, message] of mistakes) await t.rejects(startMock(options), { name: 'UsageError', message })
})

t.test('who asks at the wrong port, or does not trust the certificate, is told of in the log', async (t) => {
  await using server = await serve(['--https-port', '0'])
  const [, httpsUrl = ''] = await server.prints(/by https on (\S+)/)
  const { host } = new URL(httpsUrl)
  for (let times = 0; times < 2; times++) {
    await Promise.allSettled([send(httpsUrl.replace('https:', 'http:'), { path: LIST })])
    await t.rejects(ask(server.url.replace('http:', 'https:'), undefined))
    if (hasOpenssl()) spawnSync('openssl', ['s_client', '-verify_return_error', '-connect', host], { input: '' })
  }
  server.process.kill('SIGTERM')
  const [, , ...lines] = (await server.ended).stdout.trim().split('\n')
  t.strictSame(
    lines.map((line) => JSON.parse(line)).map(({ level, msg }) => `${level}: ${msg}`),
    [
      'warn: a client asked by http at the port of https',
      'warn: a client asked by https at the port of http',
      ...(hasOpenssl()
        ? ['warn: a client does not trust the certificate of https; /_mock/ca.pem has what to trust']
        : []),
    ],
  )
})

t.test('the program by https, and its health', async (t) => {
  await using server = await serve(['--https-port', '0', '--web-path', '/auth/'])
  const [, httpsUrl = ''] = await server.prints(/by https on (\S+)/)
  const { port } = new URL(server.url)
  const { port: httpsPort } = new URL(httpsUrl)
  const ca = (await send(new URL(server.url).origin, { path: '/_mock/ca.pem' })).body.toString()
  t.equal((await ask(`${httpsUrl}${LIST}`, ca)).status, 200)
  const check = (...args: string[]) => runHere(['healthcheck', '--port', port, '--web-path', '/auth/', ...args])
  t.match(await check('--https-port', httpsPort), { code: 0, stderr: '' })
  t.match(await check(), { code: 0, stderr: '' })
  t.match(await check('--https-port', '1'), {
    code: 1,
    stderr: /^authentik-mock: https:\/\/127\.0\.0\.1:1\/auth\/-\/.*nothing listens there/,
  })
  t.match(await check('--https-port', port), { code: 1, stderr: /^authentik-mock: https:[^\n]*\n$/ })
  server.process.kill('SIGTERM')
  t.match(await server.ended, { code: 0, stderr: '' })
})

t.test('a strict client takes the certificate', { skip: !hasOpenssl() && 'no openssl here' }, async (t) => {
  const folder = t.testdir()
  const { ca, cert } = await makeCertificate(['localhost', '::1', 'fe80::1'])
  for (const [name, text] of Object.entries({ ca, cert })) writeFileSync(join(folder, name), text)
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', '::1', '-CAfile', join(folder, 'ca')]
  t.match(execFileSync('openssl', [...args, join(folder, 'cert')]).toString(), /: OK\n$/)
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}
