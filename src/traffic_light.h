/*
 * traffic_light.h
 *		The four lights: one byte by value, ordered from grey to green.
 */
#ifndef PM_TRAFFIC_LIGHT_H
#define PM_TRAFFIC_LIGHT_H

/* On disk: never renumber. */
typedef enum TrafficLight
{
	LIGHT_GREY = 0,				/* nothing to say yet */
	LIGHT_RED = 1,
	LIGHT_YELLOW = 2,
	LIGHT_GREEN = 3
} TrafficLight;

#define LIGHT_COUNT		4

#define TrafficLightGetDatum(light)		CharGetDatum((char) (light))
#define PG_RETURN_TRAFFIC_LIGHT(light)	return TrafficLightGetDatum(light)

/* in traffic_light.c */
extern TrafficLight pm_light_from_datum(Datum datum);
extern const char *pm_light_word(TrafficLight light);

#endif							/* PM_TRAFFIC_LIGHT_H */
