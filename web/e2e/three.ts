import { expect } from './fixtures.ts';
import type { Person } from './person.ts';

type SignUp = (name: string, about?: { form: 'phone' }) => Promise<Person>;
/** Anna signs up first, and so runs the server. */
export async function three(person: SignUp): Promise<[Person, Person, Person]> {
  const anna = await person('Anna Berg');
  const [ben, cleo] = await Promise.all([person('Ben Ruiz'), person('Cleo Marsh', { form: 'phone' })]);
  return [anna, ben, cleo];
}
export const line = (person: Person, text: string | RegExp) => person.page.getByRole('log').getByText(text);
export const composer = (person: Person) => person.page.getByRole('textbox', { name: /^Message to/ });

export async function menu(person: Person, item: string): Promise<void> {
  await person.page.getByRole('button', { name: 'More about this chat' }).click();
  await person.page.getByRole('menuitem', { name: item }).click();
}
export async function choose(host: Person, setting: string, choice: string): Promise<void> {
  await host.page.getByLabel(setting).selectOption(choice);
}
/** Closes sheets that lie over one another. */
export async function closeAll({ page }: Person): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0, { timeout: 300 });
  }).toPass();
}
