import HIP
