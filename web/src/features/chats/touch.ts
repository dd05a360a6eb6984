import type { Attachment } from 'svelte/attachments';

const HOLD_MS = 420;
/** A finger that has moved this far does not hold. */
const SLACK_PX = 10;
const SWIPE_PX = 56;
const SWIPE_MAX_PX = 76;

/** By finger: holding opens the menu, swiping towards the end of the line answers. */
export function gestures(onhold: () => void, onswipe: (() => void) | undefined): Attachment<HTMLElement> {
  return (row) => {
    let from: { x: number; y: number } | undefined;
    let holding: ReturnType<typeof setTimeout> | undefined;
    let swiped = 0;

    const show = (px: number) => {
      swiped = px;
      row.style.setProperty('--swipe', `${px}px`);
      row.toggleAttribute('data-swiping', px > 0);
      row.toggleAttribute('data-swiped', px >= SWIPE_PX);
    };
    const stop = () => {
      clearTimeout(holding);
      from = undefined;
      show(0);
    };
    const down = (event: PointerEvent) => {
      if (event.pointerType !== 'touch' || !event.isPrimary) return;
      from = { x: event.clientX, y: event.clientY };
      holding = setTimeout(() => {
        stop();
        navigator.vibrate?.(12);
        onhold();
      }, HOLD_MS);
    };
    const move = (event: PointerEvent) => {
      if (!from) return;
      const isRightToLeft = document.documentElement.dir === 'rtl';
      const forward = (event.clientX - from.x) * (isRightToLeft ? -1 : 1);
      const sideways = Math.abs(event.clientY - from.y);
      if (Math.hypot(forward, sideways) > SLACK_PX) clearTimeout(holding);
      if (!onswipe) return;
      if (swiped > 0 || (forward > SLACK_PX && forward > 2 * sideways)) {
        show(Math.max(0, Math.min(forward - SLACK_PX, SWIPE_MAX_PX)));
      }
    };
    const up = () => {
      const isFar = swiped >= SWIPE_PX;
      stop();
      if (isFar) onswipe?.();
    };
    row.addEventListener('pointerdown', down);
    row.addEventListener('pointermove', move);
    row.addEventListener('pointerup', up);
    row.addEventListener('pointercancel', stop);
    return () => {
      clearTimeout(holding);
      row.removeEventListener('pointerdown', down);
      row.removeEventListener('pointermove', move);
      row.removeEventListener('pointerup', up);
      row.removeEventListener('pointercancel', stop);
    };
  };
}
