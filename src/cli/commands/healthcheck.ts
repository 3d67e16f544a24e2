import { readFile } from 'node:fs/promises'
import { PROBE_AGENT } from '../../control/health-probe.js'
import { hostPort } from '../../format/host-port.js'
import { reasonOf } from '../../upstream/reasons.js'
import type { ServeOptions } from '../options.js'

const TIMEOUT_MS = 2000
/** The programs of authentik-mock, by the names that they are started with. */
const PROGRAM = /(?:^|\/)(?:main\.js|authentik-mock|ak\.js|ak)$/
const EVERY_ADDRESS = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

/** The server is not ready. */
class HealthError extends Error {
  override name = 'HealthError'
}

/**
 * Asks the server at an address whether it is ready.
 *
 * @throws HealthError that says why not
 */
export async function checkHealth(options: Asked): Promise<void> {
  const { host, port, httpsHost = host, httpsPort, webPath } = options
  const path = `${webPath}-/health/ready/`
  const urls = [`http://${authorityOf(host, port)}${path}`]
  if (httpsPort !== undefined) urls.push(`https://${authorityOf(httpsHost, httpsPort)}${path}`)
  await Promise.all(urls.map(ask))
}

type Asked = Pick<ServeOptions, 'host' | 'port' | 'httpsHost' | 'httpsPort' | 'webPath'>

function authorityOf(host: string, port: number): string {
  return hostPort(EVERY_ADDRESS.get(host) ?? host, port)
}

async function ask(url: string): Promise<void> {
  const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    // It is asked whether it answers, on this machine, and nothing is told to it.
    const options = { rejectUnauthorized: false, agent: false as const, headers: { 'User-Agent': PROBE_AGENT } }
    const request = get(url, options, (response) => {
      clearTimeout(timer)
      response.destroy()
      if (response.statusCode === 200) resolve()
      else reject(new HealthError(`${url} answers ${response.statusCode}`))
    })
    const timer = setTimeout(
      () => request.destroy(new HealthError(`it does not answer within ${TIMEOUT_MS} ms`)),
      TIMEOUT_MS,
    )
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(new HealthError(`${url}: ${reasonOf(error)}`))
    })
  })
}

/**
 * What the program of this container was started with, so that the check is about that, even if its port came as a
 * flag. Process 1 is the program, or an init that names it. Elsewhere: nothing.
 *
 * @param file where the system tells the command line of process 1
 */
export async function containerArguments(file = '/proc/1/cmdline'): Promise<string[]> {
  try {
    const words = (await readFile(file, 'utf8')).split('\0').slice(0, -1)
    const program = words.findIndex((word) => PROGRAM.test(word))
    return program === -1 ? [] : words.slice(program + 1)
  } catch {
    return []
  }
}
