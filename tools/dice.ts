/** The kernel’s seeded chance: one for the product and its tools. */
export { Dice } from '#libs/kernel';
