import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { notesOf, withRelease } from './changelog.js'

/**
 * `release notes TAG` prints what a release brought, once its tag is the version of the package.
 * `release prepare`, which `npm version` calls, moves what is unreleased to the new version, and names the new version
 * wherever pages and deployments name one.
 */

const ROOT = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const { version } = JSON.parse(read('package.json'))
const [command, tag] = process.argv.slice(2)

try {
  if (command === 'notes' && tag !== undefined) notes(tag)
  else if (command === 'prepare') prepare()
  else throw new Error('allowed: notes TAG, prepare')
} catch (error) {
  console.error(`release: ${(error as Error).message}`)
  process.exitCode = 1
}

function notes(tag: string): void {
  if (tag !== `v${version}`) throw new Error(`found the tag ${tag}; allowed: v${version}, the version of package.json`)
  process.stdout.write(notesOf(read('CHANGELOG.md'), version))
}

function prepare(): void {
  const write = (file: string, text: string) => writeFileSync(join(ROOT, file), text)
  write('CHANGELOG.md', withRelease(read('CHANGELOG.md'), version, new Date().toISOString().slice(0, 10)))
  for (const file of pages()) write(file, read(file).replaceAll(/(authentik-mock[:@]v?)\d+\.\d+\.\d+/g, `$1${version}`))
}

/** What may name a version for people to copy. */
function pages(): string[] {
  const below = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
  return ['README.md', ...below('docs'), ...below('deploy')].filter((file) => /\.(?:md|ya?ml)$/.test(file))
}
