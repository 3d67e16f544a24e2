/** What the console page is made of, by the name under `/_mock/console/`; the page itself is `index.html`. */
export type ConsoleFiles = Record<string, string>

/** In the bundle, `scripts/console.ts` puts the files themselves in the place of this module. */
export async function consoleFiles(): Promise<ConsoleFiles> {
  const { buildConsole } = await import('../../../scripts/console.js')
  return (await buildConsole()).files
}
