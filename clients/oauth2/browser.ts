import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A person at a browser, for the programs of the clients: it keeps cookies, and fills the forms of the mock's pages. */

const MOST_PAGES = 20

export interface Browser extends AsyncDisposable {
  /** `GET {url}?url=…` answers what `visit` returns. */
  url: string
}

/** @param user who signs in */
export async function openBrowser(user: string, redirectUri: string): Promise<Browser> {
  const server = createServer(async (request, response) => {
    const wanted = new URL(request.url ?? '/', 'http://localhost').searchParams.get('url') ?? ''
    const [status, text] = await visit(wanted, user, redirectUri).then(
      (end): [number, string] => [200, end],
      (error): [number, string] => [500, error.message],
    )
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/**
 * Goes from page to page, as somebody who has no cookies yet.
 *
 * @returns the URL with which the client gets its answer, or that of the last page where nothing is left to be done
 * @throws Error with the status of a page that was none, or where there is no end
 */
export async function visit(begin: string, user: string, redirectUri: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = begin
  let form: URLSearchParams | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: form }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const text = await answer.text()
    const location = answer.headers.get('location')
    if (location !== null) {
      url = String(new URL(location, url))
      form = undefined
      if (url.startsWith(redirectUri)) return url
    } else {
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
      form = filled(text, user)
      if (form === undefined) return url
    }
  }
  throw new Error(`${begin} leads nowhere within ${MOST_PAGES} pages`)
}

/** The form of a page as somebody sends it who is this user, and agrees. */
function filled(page: string, user: string): URLSearchParams | undefined {
  const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page)?.[1]
  if (!page.includes('<form method="post"') || token === undefined) return undefined
  return new URLSearchParams({ csrfmiddlewaretoken: token, ...(page.includes('name="user"') && { user }) })
}
