
-
fullConst*
valueBBaBü
*
shortConst*
valueBBaBü