import { Button, type ButtonProps, Tooltip } from '@mantine/core'
import { type ReactNode, useId } from 'react'

/**
 * A button that, when it cannot be used, says why: on hover, on focus and to a screen reader. It therefore stays
 * focusable; the `disabled` attribute would make the reason unreachable by keyboard.
 */
export function ReasonedButton({
  reason,
  onClick,
  children,
  ...button
}: ButtonProps & { reason: string | null; onClick: () => void; children: ReactNode }) {
  const id = useId()
  const isBarred = reason !== null
  return (
    <Tooltip label={reason ?? ''} disabled={!isBarred}>
      <Button
        {...button}
        type="button"
        {...(isBarred ? { 'data-disabled': true } : {})}
        aria-disabled={isBarred}
        aria-describedby={isBarred ? id : undefined}
        onClick={(event) => (isBarred ? event.preventDefault() : onClick())}
      >
        {children}
        {isBarred && (
          <span id={id} className="hidden">
            {reason}
          </span>
        )}
      </Button>
    </Tooltip>
  )
}
