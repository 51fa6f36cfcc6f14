# SPDX-License-Identifier: GPL-2.0
"""Figures of rule sets that ClassBench's generator made from its parameter files, in sizes of about
1,000, 10,000 and 100,000: what measures.py counts, shares in percent, but for the number of rules.
"""

TABLE = """
family rules pairs tuples src dst narrow sport exact range proto matches most
acl1    1000     52   116     0     1    98   100    56    13     8    3.0    8
acl1   10000    133   290     0     1    98   100    56    13     8    6.2   10
acl1  100000    162   439     0     1    98   100    56    12     8   11.8   16
acl2    1000    195   332     9     5    66   100    22     7    45    5.1   10
acl2   10000    307   641     7     5    66   100    22     7    46    9.1   15
acl2  100000    350   782     3     4    70   100    23     8    44   22.4   38
acl3    1000    134   272     6     6    83   100    65    27     5    2.2    5
acl3   10000    241   754     6     6    85   100    66    25     5    3.5    7
acl3  100000    300  1479     7     6    84   100    64    27     5    7.3   11
acl4    1000    141   271     4     5    85   100    67    25     3    1.2    5
acl4   10000    269   806     4     5    85   100    67    25     4    2.8    7
acl4  100000    355  1759     5     5    85   100    66    25     4    5.0    9
acl5    1000     73   109     0     0    98   100    67    11     0    1.0    2
acl5   10000    109   187     0     0    98   100    72    12     0    1.1    3
acl5  100000    132   266     0     0    99   100    60    10     0    1.0    2
fw1     1000     84   143    51    28    25    75    55    10     1    2.8    8
fw1    10000    130   244    58    25    19    78    60     8     1    7.6   13
fw1   100000    139   296    58    23    19    78    61     8     1   16.8   31
fw2     1000     56   128    12    54    35    38     0     0    26    4.1    6
fw2    10000     67   176    12    54    34    38     0     0    26    5.1   10
fw2   100000     67   182    11    54    34    38     0     0    26    5.0   11
fw3     1000     66    95    61    35    10    76    62     7     2    4.0   10
fw3    10000     87   161    64    29     9    79    67     6     2   12.2   24
fw3   100000     92   188    67    26     9    80    70     6     1   22.8   40
fw4     1000     61   155    55    25    29    10    69    19     6    4.2   10
fw4    10000     78   279    55    24    26    11    65    21     7    7.7   18
fw4   100000     82   313    54    20    27    11    67    20     7   12.2   25
fw5     1000     85   136    59    41     7    75    59     5     2    4.4   10
fw5    10000    115   217    58    39     6    77    59     4     2   13.9   25
fw5   100000    119   244    58    37     6    77    60     4     2   22.3   45
ipc1    1000    179   312     6     4    88    86    36    11    34    2.7    5
ipc1   10000    294   745     6     4    88    84    37     9    34    5.5    9
ipc1  100000    340  1087     6     4    89    84    35    10    34    9.5   16
ipc2    1000     29    47    42    16    42    71    29     0    16    4.5   19
ipc2   10000     30    48    52    11    36    74    25     0    28    1.0    1
ipc2  100000     30    48    53    11    37    74    26     0    27    1.0    1
"""


def published():
    """Rows of figures, as strings, by (family, size)."""
    lines = [line.split() for line in TABLE.strip().splitlines()[1:]]
    return {(family, int(rules)): tuple(map(float, figures)) for family, rules, *figures in lines}
