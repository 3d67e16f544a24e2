import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { isIPv6 } from 'node:net'

const TIMEOUT_MS = 2000
/** The command itself, and what authentik's own image calls it. */
const SERVE = new Set(['serve', 'server'])
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
export function checkHealth({ host, port }: { host: string; port: number }): Promise<void> {
  const address = EVERY_ADDRESS.get(host) ?? host
  const url = `http://${isIPv6(address) ? `[${address}]` : address}:${port}/-/health/ready/`
  return new Promise((resolve, reject) => {
    const request = get(url, (response) => {
      clearTimeout(timer)
      response.destroy()
      if (response.statusCode === 200) resolve()
      else reject(new HealthError(`${url} answers ${response.statusCode}`))
    })
    const timer = setTimeout(() => request.destroy(new HealthError(`no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(new HealthError(`${url}: ${error.message}`))
    })
  })
}

/**
 * The arguments that the server of this container was started with, so that the check asks at its port even if that
 * came as a flag. Process 1 is the server, or an init that names it. Elsewhere: none.
 */
export async function serverArguments(): Promise<string[]> {
  try {
    const words = (await readFile('/proc/1/cmdline', 'utf8')).split('\0').slice(0, -1)
    const program = words.findIndex((word) => /(?:^|\/)(?:main\.js|authentik-mock)$/.test(word))
    return program === -1 ? [] : words.slice(program + 1).filter((word) => !SERVE.has(word))
  } catch {
    return []
  }
}
