import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { type Mock, startMock } from '../src/index.js'
import { launchChromium } from './chromium.js'

/** The pictures of the console that README and docs show: `npm run screenshots`. */

const FOLDER = join(import.meta.dirname, '..', 'docs', 'images')
const VIEWPORT = { width: 1360, height: 800 }
const QUALITY = 60
const NOW = '2026-01-31T12:00:00Z'
const LIST = '/api/v3/oauth2/refresh_tokens/'

interface Picture {
  name: string
  /** What is open, and by what one sees that it is there. */
  place: string
  heading: string
  colorScheme: 'light' | 'dark'
}

const mock = await startMock({ logLevel: 'silent' })
const browser = await launchChromium()
try {
  await mkdir(FOLDER, { recursive: true })
  const { request, row } = await tellStory(mock)
  const pictures: Picture[] = [
    { name: 'console-requests', place: `requests/${request}`, heading: `Request ${request}`, colorScheme: 'light' },
    {
      name: 'console-rows',
      place: `rows/refresh_tokens/${row}`,
      heading: `refresh_tokens ${row}`,
      colorScheme: 'dark',
    },
  ]
  for (const picture of pictures) await take(browser, mock, picture)
} finally {
  await browser.close()
  await mock.close()
}

/** Clients do what they do; returns the request and the row to show. */
async function tellStory(mock: Mock): Promise<{ request: number; row: number }> {
  await mock.clock.freeze()
  await mock.clock.set(NOW)
  const ask = async (path: string, init: RequestInit = {}, key = mock.token) => {
    await mock.clock.advance('seconds=2')
    await fetch(mock.url + path, { ...init, headers: { Authorization: `Bearer ${key}` } }).then((answer) =>
      answer.text(),
    )
  }
  const { pks, refresh_token: token = '' } = await mock.tokens.issue({ user: 'jane.doe', provider: 1 })
  await mock.clock.advance('hours=30')
  await ask(`${LIST}?ordering=-expires`)
  await ask(`${LIST}5/`, {}, 'no-such-key')
  await ask('/api/v3/events/events/?action=login')
  await ask(`${LIST}6/`, { method: 'DELETE' })
  const { client_id, client_secret } = await mock.providers.get(1)
  await fetch(`${mock.url}/application/o/token/`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: String(client_id),
      client_secret: String(client_secret),
    }),
  }).then((answer) => answer.text())
  await mock.faults.add({ preset: 'nginx-bad-gateway', times: 1, path: '/api/v3/core/**' })
  await ask('/api/v3/core/users/me/')
  await ask(`${LIST}?page_size=500&sort=expires`)
  await ask(`${LIST}5`)
  await mock.clock.advance('days=11')
  const shown = (await mock.requests({ path: LIST })).at(-1)
  return { request: shown?.id ?? 1, row: pks.refresh_token ?? 1 }
}

/** A WebP is a third of a PNG, and only the browser's own protocol makes one. */
async function take(browser: Browser, mock: Mock, { name, place, heading, colorScheme }: Picture): Promise<void> {
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme })
  await page.goto(`${mock.url}/_mock/#${place}`)
  await page.getByRole('heading', { name: heading }).waitFor()
  await page.getByRole('region', { name: heading }).locator('pre').first().waitFor()
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  const bytes = Buffer.from(data, 'base64')
  await writeFile(join(FOLDER, `${name}.webp`), bytes)
  process.stdout.write(`${name}.webp: ${Math.ceil(bytes.length / 1024)} KiB\n`)
  if (process.env['PNG']) await page.screenshot({ path: `${process.env['PNG']}/${name}.png` })
  await page.close()
}
