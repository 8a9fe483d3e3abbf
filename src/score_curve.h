/*
 * score_curve.h
 *		A curve that turns a measure into points.
 */
#ifndef PM_SCORE_CURVE_H
#define PM_SCORE_CURVE_H

#include "nodes/nodes.h"
#include "utils/numeric.h"

#include "decimal.h"

/* On disk: never renumber. */
typedef enum CurveKind
{
	CURVE_LINEAR = 1,			/* straight lines between the points, flat outside */
	CURVE_STEP = 2,				/* tiles of equal y */
	CURVE_DEDUCT = 3			/* so many points off for each unit past a limit */
} CurveKind;

#define CURVE_FALLING		0x01	/* step: y falls, so that a point closes its tile */
#define CURVE_BELOW			0x02	/* deduct: what is missing below the limit counts */
#define CURVE_PRORATA		0x04	/* deduct: fractions of a unit count as fractions */

/* A number of a curve, all digits counted, is less than 10^18. */
#define CURVE_DIGITS		18
#define CURVE_LIMIT			INT64CONST(1000000000000000000)

#define CURVE_MAX_POINTS	1000

/* The y of a veto tile: the worst there is. */
#define CURVE_VETO			PG_INT64_MIN

/* Both coordinates are integers at the scales of the curve. */
typedef struct CurvePoint
{
	int64		x;
	int64		y;
} CurvePoint;

/*
 * A curve as stored.  Scales are as small as the numbers allow and unused
 * bytes are 0, so that equal curves are equal byte by byte.
 */
typedef struct ScoreCurve
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	uint8		kind;			/* CurveKind */
	uint8		flags;
	uint8		x_scale;
	uint8		y_scale;
	int32		count;
	int32		unused;			/* 0 */
	CurvePoint	points[FLEXIBLE_ARRAY_MEMBER];
} ScoreCurve;

#define CURVE_SIZE(count) \
	(offsetof(ScoreCurve, points) + (Size) (count) * sizeof(CurvePoint))

/* The numbers of a deduction sit in three points. */
#define DEDUCT_LIMIT		0	/* x: where deductions begin, y: the full score */
#define DEDUCT_UNIT			1	/* x: size of a unit, y: points off for each */
#define DEDUCT_FLOOR		2	/* y: least score; x is 0 */
#define DEDUCT_POINTS		3

#define DatumGetScoreCurve(datum)	((const ScoreCurve *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_SCORE_CURVE(n)	DatumGetScoreCurve(PG_GETARG_DATUM(n))

/* in score_curve.c */
extern int128 pm_curve_score(const ScoreCurve *curve, Numeric x);
extern bool pm_curve_is_veto(const ScoreCurve *curve, Numeric x);

/* in score_curve_parse.c */
extern ScoreCurve *pm_curve_parse(const char *text, int errcode_override, Node *escontext);
extern char *pm_curve_print(const ScoreCurve *curve);

#endif							/* PM_SCORE_CURVE_H */
