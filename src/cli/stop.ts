/** How a process is asked to stop: once, and once more by those who will not wait. */
export interface Stop {
  /** Settles with the first request. */
  readonly requested: Promise<undefined>
  ask: () => void
  /** What each further request does. */
  onFurther(act: () => void): void
}

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK'] as const

export function createStop(): Stop {
  let settle = () => {}
  let further = () => {}
  let isAsked = false
  const requested = new Promise<undefined>((resolve) => {
    settle = () => resolve(undefined)
  })
  return {
    requested,
    ask() {
      if (isAsked) return further()
      isAsked = true
      settle()
    },
    onFurther(act) {
      further = act
    },
  }
}
