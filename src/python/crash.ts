/** authentik does not get over what a client sent: its error page answers, and the log of a real one shows a stack. */
export class Crash extends Error {
  override name = 'Crash'
}
