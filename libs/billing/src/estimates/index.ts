export type { Band } from './bands.ts';
export type { BudgetEstimate, EstimateRow, Likely, WhatIf } from './budget-estimate.ts';
export { BudgetEstimator, type EstimateView, type Trial } from './budget-estimator.ts';
export { type CityForecast, CityForecaster } from './city-forecast.ts';
export { EstimatesModule } from './estimates.module.ts';
