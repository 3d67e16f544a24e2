import type { ServeOptions } from './options.js'

/** What a person at a terminal is told before the line that scripts wait for. */
export function firstSteps(url: string, { token, release, noControl }: ServeOptions): string {
  const key = token.replaceAll("'", `'\\''`)
  const lines = [
    ['url', url],
    ['key', `${token} (an API token of the superuser akadmin)`],
    ['try', `curl -H 'Authorization: Bearer ${key}' ${url}/api/v3/oauth2/refresh_tokens/`],
    ['serves', `/api/v3/oauth2/ and /application/o/ as authentik ${release.name}`],
    [
      'control',
      noControl
        ? 'off (--no-control)'
        : `${url}/_mock/ in a browser, or by HTTP: rows, clock, faults and the requests so far`,
    ],
  ]
  return lines.map(([name = '', text]) => `${name.padEnd(8)} ${text}\n`).join('')
}
