"""What a file will need: memory, money, time, each as a range with its formula.

`project_memory` for the environment that will run, `project_cost` and `project_time` for one
question of an approach. Pure: nothing here opens a file.
"""

from services.preflight.projection._cost import project as project_cost
from services.preflight.projection._memory import project as project_memory
from services.preflight.projection._time import project as project_time

__all__ = ["project_cost", "project_memory", "project_time"]
