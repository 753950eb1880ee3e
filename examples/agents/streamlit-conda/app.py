import humanize
import pandas as pd
import streamlit as st

from rain import readings

st.title("Rain")
frame = pd.DataFrame(readings(), columns=["day", "millimetres"])
st.bar_chart(frame, x="day", y="millimetres")
st.write(f"{humanize.intcomma(int(frame['millimetres'].sum() * 1000))} micrometres in all")
