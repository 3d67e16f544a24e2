import type { ServeOptions } from './options.js'

/** What options say that do nothing as long as another one is missing, or there: a sentence for each. */
export function idleOptions(options: ServeOptions): string[] {
  const { noControl, controlToken, allowHost, forward, forwardCredentials, httpsPort, httpsHost, tlsName } = options
  const idle: [isIdle: boolean, sentence: string][] = [
    [noControl && controlToken !== undefined, '--control-token does nothing with --no-control'],
    [noControl && allowHost.length > 0, '--allow-host does nothing with --no-control'],
    [forwardCredentials && forward === undefined, '--forward-credentials does nothing without --forward'],
    [httpsPort === undefined && httpsHost !== undefined, '--https-host does nothing without --https-port'],
    [httpsPort === undefined && tlsName.length > 0, '--tls-name does nothing without --https-port'],
  ]
  return idle.filter(([isIdle]) => isIdle).map(([, sentence]) => sentence)
}
