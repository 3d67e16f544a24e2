import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { lazyImport } from '../../world/lazy.js'
import { ControlError } from '../problem.js'
import { NameParams } from './route-schemas.js'

/** The page for people at `/_mock/`. It does what it does by the control API: what it asks for itself is only its files. */

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}
/** Nothing from elsewhere, nothing inline, in no frame; texts never become scripts. */
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
].join('; ')
const HEADERS = {
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-cache',
  Vary: 'Accept',
}
/** Browsers know it only where nobody between can have changed it; elsewhere they complain. */
const OPENER = { 'Cross-Origin-Opener-Policy': 'same-origin' }
const OWN_MACHINE = /^(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/i
const ASSETS = '/_mock/console/:name'

const load = lazyImport(async () => {
  const { consoleFiles } = await import('../console/page-files.js')
  return consoleFiles()
})

export function consoleRoutes(app: FastifyInstance): void {
  app.get<{ Params: { name: string } }>(ASSETS, { schema: { hide: true, params: NameParams } }, (request, reply) =>
    sendFile(request, reply, request.params.name),
  )
}

/** Whether a request asks for the page or a part of it. They say nothing of any world, so they ask for no key. */
export function isForConsole(request: FastifyRequest): boolean {
  return request.routeOptions.url === ASSETS || wantsPage(request)
}

/** Whether the answer to `GET /_mock/` is to be the page. */
export function wantsPage({ method, routeOptions, headers }: FastifyRequest): boolean {
  return method === 'GET' && routeOptions.url === '/_mock/' && (headers.accept ?? '').includes('text/html')
}

/** The page, under the one URL that its links count from: with a slash at its end. */
export async function sendPage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const [path = ''] = request.originalUrl.split('?')
  if (!path.endsWith('/')) return reply.headers(HEADERS).redirect('_mock/', 302)
  return sendFile(request, reply, 'index.html')
}

/** @throws ControlError where there is no such file */
async function sendFile(request: FastifyRequest, reply: FastifyReply, name: string): Promise<FastifyReply> {
  const files = await load()
  const text = Object.hasOwn(files, name) ? files[name] : undefined
  if (text === undefined) throw new ControlError(404, `the console has no file ${name}`)
  return reply
    .headers({ ...HEADERS, ...(isTrustworthy(request) && OPENER) })
    .type(TYPES[name.split('.').at(-1) ?? ''] ?? '')
    .send(text)
}

function isTrustworthy({ protocol, headers: { host = '' } }: FastifyRequest): boolean {
  return protocol === 'https' || OWN_MACHINE.test(host)
}
