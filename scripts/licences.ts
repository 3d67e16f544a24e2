import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is bundled, and under which licence: the text of `dist/THIRD-PARTY-LICENSES.txt`. */

interface Manifest {
  name?: string
  version?: string
  license?: string
  author?: string | { name: string }
}

interface Origin {
  folder: string
  /** Where it is not that of the folder. */
  name?: string
}

const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/
const OWN = /^(?:\/.*\/(?:src|fixtures)\/|\/.*\/scripts\/ambient\.js$|\/.*\/package\.json$)/
/** Functions that the bundler adds by itself. It carries those of oxc inside; another package of oxc has their licence. */
const HELPERS: [RegExp, Origin][] = [
  [/^\0rolldown\//, { folder: 'node_modules/rolldown' }],
  [/^\0@oxc-project\+runtime@/, { folder: 'node_modules/@oxc-project/types', name: '@oxc-project/runtime' }],
]
const LICENCE_FILE = /^(?:licen[cs]e|copying)/i
const RULE = `\n\n${'-'.repeat(80)}\n\n`

/** Texts that come with no package: translations of sentences, copied into this repository with their notices. */
const NOTICES = ['src/authentik/languages.LICENSES.txt']

/** @param modules the ids of everything bundled, as the bundler tells them */
export function licencesText(modules: string[]): string {
  const entries = modules.flatMap((module) => {
    const origin = originOf(module)
    if (origin === undefined) return []
    const { folder, ...rest } = origin
    return licenceOf({ ...readManifest(folder), ...rest }, readLicence(folder))
  })
  const notices = NOTICES.map((file) => readFileSync(file, 'utf8').trim())
  return `${[...new Set(entries)].sort().concat(notices).join(RULE)}\n`
}

/**
 * The entry of one package.
 *
 * @param text what its licence file says; undefined where it has none
 * @throws Error where its name, version or licence is missing, or neither a text nor the author of an MIT licence
 */
export function licenceOf({ name, version, license, author }: Manifest, text: string | undefined): string {
  if (name === undefined || version === undefined || license === undefined)
    throw new Error(`a bundled package without name, version or licence: ${name} ${version} ${license}`)
  const holder = typeof author === 'object' ? author.name : author
  if (text === undefined && (license !== 'MIT' || holder === undefined))
    throw new Error(`${name} ${version} has no licence file, and is not under MIT with an author`)
  return `${name} ${version} (${license})\n\n${text ?? `${WITHOUT_TEXT}\n\nCopyright (c) ${holder}\n\n${MIT}`}`
}

/** The package that a module belongs to; undefined for this repository. */
function originOf(module: string): Origin | undefined {
  const [folder] = PACKAGE.exec(module) ?? []
  if (folder !== undefined) return { folder }
  const helper = HELPERS.find(([pattern]) => pattern.test(module))?.[1]
  if (helper === undefined && !OWN.test(module)) throw new Error(`a bundled module of unknown origin: ${module}`)
  return helper
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function readLicence(folder: string): string | undefined {
  const file = readdirSync(folder).find((entry) => LICENCE_FILE.test(entry))
  return file === undefined ? undefined : readFileSync(join(folder, file), 'utf8').trim()
}

const WITHOUT_TEXT =
  'The package names its licence, and brings no text. The standard text, with the author that it names:'

/** As https://spdx.org/licenses/MIT.html has it. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
