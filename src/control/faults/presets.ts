import { type Answer, bodyOf } from '../../authentik/answer.js'
import type { RequestContext } from '../../authentik/context.js'
import { errorPage } from '../../authentik/error-pages.js'
import { refusalAnswer } from '../../authentik/oauth-error-answers.js'
import { Refusal } from '../../oauth2/errors.js'

/** What authentik, and the proxies that usually stand before it, really send when something is wrong. */
export interface Preset {
  help: string
  answer?: (ctx: RequestContext) => Answer
  /** Milliseconds. */
  delay?: number
  connection?: 'drop' | 'cut'
  /** The request does its work first. */
  after?: true
  /** The requests that it is for, where the fault does not say. */
  only?: { path: string; grant?: string }
}

const TEXT = 'text/plain; charset=utf-8'
const HTML = 'text/html; charset=utf-8'
const JSON_TYPE = 'application/json'
const NO_BACKEND = 'dial unix /dev/shm/authentik-core.sock: connect: connection refused'

const throttled = '{"detail":"Request was throttled. Expected available in 1 second."}'
const unlicensed = '{"detail": "Request denied due to expired/invalid license.", "code": "denied_license"}'

const TOKEN = '/application/o/token/'

const TABLE = {
  starting: { help: 'the front server is up, the application not yet', answer: starting },
  'backend-down': { help: 'the application is gone', answer: (ctx) => unreachable(ctx, NO_BACKEND) },
  throttled: {
    help: 'too many anonymous requests',
    answer: () => ({ status: 429, headers: { 'Retry-After': '1' }, body: bodyOf(throttled) }),
  },
  'expired-licence': {
    help: 'the licence has expired',
    answer: () => ({ status: 400, contentType: JSON_TYPE, body: bodyOf(unlicensed) }),
  },
  'server-error': { help: 'an error that nobody handled', answer: (ctx) => errorPage(ctx, 500) },
  'too-slow': { help: 'the answer after 30 seconds', delay: 30_000 },
  'half-answer': { help: 'half of the answer, then the connection ends', connection: 'cut' },
  'no-answer': { help: 'the connection ends without an answer', connection: 'drop' },
  'nginx-bad-gateway': { help: 'nginx: 502', answer: () => nginx(502, 'Bad Gateway') },
  'nginx-timeout': { help: 'nginx: 504', answer: () => nginx(504, 'Gateway Time-out') },
  'traefik-bad-gateway': { help: 'Traefik: 502', answer: () => traefik(502, 'Bad Gateway') },
  'traefik-timeout': { help: 'Traefik: 504', answer: () => traefik(504, 'Gateway Timeout') },
  'invalid-client': {
    help: 'the token endpoint refuses the client',
    only: { path: TOKEN },
    answer: (ctx) => refusalAnswer(ctx, new Refusal('invalid_client', 'a fault says so'), 400),
  },
  'invalid-grant': {
    help: 'the token endpoint refuses code or refresh token',
    only: { path: TOKEN },
    answer: (ctx) => refusalAnswer(ctx, new Refusal('invalid_grant', 'a fault says so'), 400),
  },
  'slow-token': { help: 'the token endpoint answers after 10 seconds', only: { path: TOKEN }, delay: 10_000 },
  'lost-rotation': {
    help: 'the refresh token is rotated, and the answer lost',
    only: { path: TOKEN, grant: 'refresh_token' },
    after: true,
    connection: 'drop',
  },
  'down-after-issue': {
    help: 'tokens are issued, and the application is gone before they are sent',
    only: { path: TOKEN },
    after: true,
    answer: (ctx) => unreachable(ctx, NO_BACKEND),
  },
} satisfies Record<string, Preset>

export type PresetName = keyof typeof TABLE
export const PRESETS: Record<PresetName, Preset> = TABLE
export const PRESET_NAMES = Object.keys(TABLE) as PresetName[]

/** From 2025.10 on, the front server says so itself, in the form that the client asks for. */
function starting(ctx: RequestContext): Answer {
  if (ctx.release.starting === 'bad gateway') return unreachable(ctx, 'authentik starting')
  const accept = ctx.request.headers.accept ?? ''
  const unavailable = (contentType: string, text: string): Answer => ({
    status: 503,
    contentType,
    headers: { 'Retry-After': '5' },
    body: bodyOf(text),
    from: 'front',
  })
  if (accept.includes(JSON_TYPE)) return unavailable(JSON_TYPE, '{"error":"authentik starting"}\n')
  if (accept.includes('text/html'))
    return unavailable(HTML, '<!doctype html><title>Starting</title><h1>Starting</h1>\n')
  return unavailable(TEXT, 'authentik starting')
}

function unreachable({ request }: RequestContext, why: string): Answer {
  const text = `failed to connect to authentik backend: ${why}`
  const isJson = request.headers.accept === JSON_TYPE
  return {
    status: 502,
    contentType: isJson ? JSON_TYPE : TEXT,
    body: bodyOf(isJson ? `${JSON.stringify({ error: text })}\n` : text),
    from: 'front',
  }
}

function nginx(status: number, reason: string): Answer {
  const title = `${status} ${reason}`
  const lines = [
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>`,
    '<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
  ]
  return {
    status,
    contentType: 'text/html',
    headers: { Server: 'nginx' },
    body: bodyOf(lines.join('\r\n')),
    from: 'router',
  }
}

function traefik(status: number, reason: string): Answer {
  return { status, contentType: TEXT, body: bodyOf(reason), from: 'router' }
}
