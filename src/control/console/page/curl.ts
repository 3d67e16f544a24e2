import type { JournalEntry } from '../../bodies.js'

/** Lines of curl, for a shell. */

interface Curl {
  method: string
  url: string
  headers: string[]
  body?: string | undefined
}

export function curlOf({ method, url, headers, body }: Curl): string {
  const parts = ['curl', ...(method === 'GET' ? [] : ['-X', shell(method)]), shell(url)]
  // What is to be filled in by the shell stands in other quotes.
  for (const header of headers) parts.push('-H', /\$[A-Z]/.test(header) ? `"${header}"` : shell(header))
  if (body !== undefined) parts.push('--data-raw', shell(body))
  return parts.join(' ')
}

function shell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The curl that repeats a request of the journal. Credentials are masked there: the key is to be filled in. */
export function repeating({ method, path, query, as, body }: JournalEntry, world: string): string {
  const url = world + encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23') + query
  const isForm = body !== null && /^[\w%.~*+-]+=/.test(body)
  const type = `Content-Type: application/${isForm ? 'x-www-form-urlencoded' : 'json'}`
  return curlOf({
    method,
    url,
    headers: [...(as === null ? [] : ['Authorization: Bearer $KEY']), ...(body ? [type] : [])],
    body: body || undefined,
  })
}
