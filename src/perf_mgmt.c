/*
 * perf_mgmt.c
 *		Module magic, start-up and settings; nothing else.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "compat.h"

PM_MODULE_MAGIC;

void		_PG_init(void);

/* perf_mgmt.employee: whom a pooled application acts for */
static char *employee_setting = NULL;

void
_PG_init(void)
{
	/*
	 * A superuser setting, because it says who somebody is: a DBA opens it
	 * to the pooled role alone with GRANT SET ON PARAMETER.
	 */
	DefineCustomStringVariable("perf_mgmt.employee",
							   "Number of the employee on whose behalf the session acts.",
							   "For an application that logs in with one pooled role. "
							   "Empty means that the session's role is looked up in employee.login_role.",
							   &employee_setting,
							   "",
							   PGC_SUSET,
							   0,
							   NULL, NULL, NULL);

	MarkGUCPrefixReserved("perf_mgmt");
}
