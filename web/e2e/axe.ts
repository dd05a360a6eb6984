import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe finds wrong with the page, one line each. It is put in over the DevTools protocol, which the CSP does not bind.
 * Targets that a bar covers in part, because the page happens to be scrolled so, are no fault.
 */
export async function axe(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  const results = await page.evaluate(
    (values) =>
      (window as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResults> } }).axe.run(document, {
        runOnly: values,
        resultTypes: ['violations']
      }),
    tags
  );
  return results.violations.flatMap((violation) => {
    const places = violation.nodes
      .map((node) => `${node.target.join(' ')} — ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`)
      .filter((place) => violation.id !== 'target-size' || !place.includes('partially obscured'))
      .slice(0, 3);
    return places.length ? [`${violation.id} (${violation.impact}): ${places.join(' | ')}`] : [];
  });
}
