import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** The Chromium of the system, for tests and pictures of the console. */

const PLACES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/**
 * @param args further arguments of its command line
 * @throws Error where there is none
 */
export async function launchChromium(args: string[] = []): Promise<Browser> {
  const executablePath = PLACES.find(existsSync)
  if (executablePath === undefined)
    throw new Error('there is no Chromium: apt-get install chromium, or say with CHROMIUM where it is')
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...args] })
}
