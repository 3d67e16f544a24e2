/** The changelog, as releases need it. */

const UNRELEASED = '## Unreleased\n'

/**
 * What a version brought: its section, without the heading.
 *
 * @throws Error where the changelog does not tell of it
 */
export function notesOf(changelog: string, version: string): string {
  const section = `\n${changelog}`.split(/\n(?=## )/).find((part) => part.startsWith(`## ${version} `))
  const notes = section?.replace(/^.*\n/, '').trim()
  if (notes === undefined || notes === '') throw new Error(`CHANGELOG.md says nothing of ${version}`)
  return `${notes}\n`
}

/**
 * The changelog in which what was unreleased belongs to a version.
 *
 * @param date the day, as 2026-01-31
 * @throws Error where nothing was unreleased
 */
export function withRelease(changelog: string, version: string, date: string): string {
  const released = changelog.replace(UNRELEASED, `${UNRELEASED}\n## ${version} - ${date}\n`)
  notesOf(released, version)
  return released
}
