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

/**
 * Asks the server at an address whether it is ready.
 *
 * @throws Error that says why not
 */
export function checkHealth({ host, port }: { host: string; port: number }): Promise<void> {
  const address = EVERY_ADDRESS.get(host) ?? host
  const url = `http://${isIPv6(address) ? `[${address}]` : address}:${port}/-/health/ready/`
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: TIMEOUT_MS }, (response) => {
      response.resume()
      if (response.statusCode === 200) resolve()
      else reject(new Error(`${url} answers ${response.statusCode}`))
    })
    request.on('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)))
    request.on('error', (error) => reject(new Error(`${url}: ${error.message}`)))
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
